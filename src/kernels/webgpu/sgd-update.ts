/** @file `SgdUpdate`: one step of gradient descent, with momentum where there is a velocity, in place, in one dispatch. */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { SgdAttributes, SgdInputs } from '../update-inputs';
import { ELEMENT_MAIN, elementPass } from './element-pass';
import type { PassUniform } from './uniform-cache';
import { type PassBuffer, prepareInPlace, runPass } from './webgpu-pass';

/** The uniforms of gradient descent. */
export function sgdUniforms({ learningRate, momentum }: SgdAttributes) {
  const number = (value: number): PassUniform => ({ type: 'f32', value });
  return { learningRate: number(learningRate), momentum: number(momentum) };
}

/**
 * WGSL: `update(i, g)` updates element i of `value`, and of `velocity` with momentum, by its gradient.
 * @param type of the elements.
 * @param suffix of the names, where a program updates several weights.
 */
export const sgdCode = (type: string, withVelocity: boolean, suffix = '') =>
  withVelocity
    ? `
fn update${suffix}(i: u32, g: ${type}) {
  let moved = uniforms.momentum * velocity${suffix}[i] - uniforms.learningRate * g;
  velocity${suffix}[i] = moved;
  value${suffix}[i] += moved;
}
`
    : `
fn update${suffix}(i: u32, g: ${type}) { value${suffix}[i] -= uniforms.learningRate * g; }
`;

/** keras/src/optimizers/sgd.py: velocity = momentum * velocity - rate * gradient; value += velocity. */
export function sgdUpdate(
  backend: WebGPUBackend,
  { value, gradient, velocity }: SgdInputs,
  attributes: SgdAttributes,
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
    uniforms: { size, ...sgdUniforms(attributes) },
    code: () => `${sgdCode(element, !!velocity)}${ELEMENT_MAIN}
  update(i, gradient[i]);
}`,
    workgroups,
  });
}
