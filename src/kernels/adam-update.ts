/**
 * @file `AdamUpdate`: one step of Adam on one weight, in place, in one dispatch.
 *
 * Kingma and Ba (2015) in the form of keras/src/optimizers/adam.py: epsilon is added outside the bias-corrected root.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { ELEMENT_MAIN, elementPass } from './element-pass';
import { prepareInPlace, runPass } from './webgpu-pass';

/** All of one size; all but the gradient are overwritten, and so is every tensor that shares their buffers. */
export interface AdamInputs {
  value: TensorInfo;
  gradient: TensorInfo;
  /** Moving means of the gradient and of its square; zeros before the first step. */
  m: TensorInfo;
  v: TensorInfo;
}

export interface AdamAttributes {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Counted from 1. */
  step: number;
}

const CODE = `${ELEMENT_MAIN}
  let g = gradient[i];
  let newM = m[i] + (g - m[i]) * uniforms.share1;
  let newV = v[i] + (g * g - v[i]) * uniforms.share2;
  m[i] = newM;
  v[i] = newV;
  value[i] -= uniforms.rate * newM / (sqrt(newV) + uniforms.epsilon);
}`;

export function adamUpdate(backend: WebGPUBackend, inputs: AdamInputs, attributes: AdamAttributes): void {
  const { value, gradient, m, v } = inputs;
  const { learningRate, beta1, beta2, epsilon, step } = attributes;
  for (const tensor of [value, m, v]) prepareInPlace(backend, tensor);
  const { width, element, size, workgroups } = elementPass(value);
  const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  runPass(backend, {
    key: ['adam-update', width].join(),
    buffers: [
      { name: 'value', tensor: value, access: 'read_write', element },
      { name: 'm', tensor: m, access: 'read_write', element },
      { name: 'v', tensor: v, access: 'read_write', element },
      { name: 'gradient', tensor: gradient, access: 'read', element },
    ],
    uniforms: {
      size,
      rate: { type: 'f32', value: rate },
      share1: { type: 'f32', value: 1 - beta1 },
      share2: { type: 'f32', value: 1 - beta2 },
      epsilon: { type: 'f32', value: epsilon },
    },
    code: () => CODE,
    workgroups,
  });
}
