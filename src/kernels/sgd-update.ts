/** @file `SgdUpdate`: one step of gradient descent, with momentum where there is a velocity, in place, in one dispatch. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { ELEMENT_MAIN, elementPass } from './element-pass';
import { type PassBuffer, prepareInPlace, runPass } from './webgpu-pass';

/** All of one size; all but the gradient are overwritten, and so is every tensor that shares their buffers. */
export interface SgdInputs {
  value: TensorInfo;
  gradient: TensorInfo;
  velocity?: TensorInfo;
}

const PLAIN_CODE = `${ELEMENT_MAIN}
  value[i] -= uniforms.learningRate * gradient[i];
}`;

const MOMENTUM_CODE = `${ELEMENT_MAIN}
  let moved = uniforms.momentum * velocity[i] - uniforms.learningRate * gradient[i];
  velocity[i] = moved;
  value[i] += moved;
}`;

/** keras/src/optimizers/sgd.py: velocity = momentum * velocity - rate * gradient; value += velocity. */
export function sgdUpdate(
  backend: WebGPUBackend,
  { value, gradient, velocity }: SgdInputs,
  { learningRate, momentum }: { learningRate: number; momentum: number },
): void {
  for (const tensor of velocity ? [value, velocity] : [value]) prepareInPlace(backend, tensor);
  const { width, element, size, workgroups } = elementPass(value);
  const buffers: PassBuffer[] = [
    { name: 'value', tensor: value, access: 'read_write', element },
    { name: 'gradient', tensor: gradient, access: 'read', element },
  ];
  if (velocity) buffers.push({ name: 'velocity', tensor: velocity, access: 'read_write', element });
  runPass(backend, {
    key: ['sgd-update', !!velocity, width].join(),
    buffers,
    uniforms: {
      size,
      learningRate: { type: 'f32', value: learningRate },
      momentum: { type: 'f32', value: momentum },
    },
    code: () => (velocity ? MOMENTUM_CODE : PLAIN_CODE),
    workgroups,
  });
}
