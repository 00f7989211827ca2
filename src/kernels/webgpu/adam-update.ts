/**
 * @file `AdamUpdate`: one step of Adam on one weight, in place, in one dispatch.
 *
 * Kingma and Ba (2015) in the form of keras/src/optimizers/adam.py: epsilon is added outside the bias-corrected root.
 */

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type AdamAttributes, type AdamInputs, adamNumbers } from '../update-inputs';
import { ELEMENT_MAIN, elementPass } from './element-pass';
import type { PassUniform } from './uniform-cache';
import { prepareInPlace, runPass } from './webgpu-pass';

/** Adam's uniforms, with the bias correction of this step in the rate. */
export function adamUniforms(attributes: AdamAttributes) {
  const { rate, share1, share2, epsilon } = adamNumbers(attributes);
  const number = (value: number): PassUniform => ({ type: 'f32', value });
  return {
    rate: { ...number(rate), changing: true },
    share1: number(share1),
    share2: number(share2),
    epsilon: number(epsilon),
  };
}

/**
 * WGSL: `update(i, g)` updates element i of `value`, `m` and `v` by its gradient.
 * @param type of the elements.
 * @param suffix of the names, where a program updates several weights.
 */
export const adamCode = (type: string, suffix = '') => `
fn update${suffix}(i: u32, g: ${type}) {
  let newM = m${suffix}[i] + (g - m${suffix}[i]) * uniforms.share1;
  let newV = v${suffix}[i] + (g * g - v${suffix}[i]) * uniforms.share2;
  m${suffix}[i] = newM;
  v${suffix}[i] = newV;
  value${suffix}[i] -= uniforms.rate * newM / (sqrt(newV) + uniforms.epsilon);
}
`;

/** Updates `value`, `m` and `v` in place. */
export function adamUpdate(backend: WebGPUBackend, inputs: AdamInputs, attributes: AdamAttributes): void {
  const { value, gradient, m, v } = inputs;
  for (const tensor of [value, m, v]) prepareInPlace(backend, tensor);
  const { width, element, size, workgroups } = elementPass(value);
  runPass(backend, {
    key: ['adam-update', width].join(),
    buffers: [
      { name: 'value', tensor: value, access: 'read_write', element },
      { name: 'm', tensor: m, access: 'read_write', element },
      { name: 'v', tensor: v, access: 'read_write', element },
      { name: 'gradient', tensor: gradient, access: 'read', element },
    ],
    uniforms: { size, ...adamUniforms(attributes) },
    code: () => `${adamCode(element)}${ELEMENT_MAIN}
  update(i, gradient[i]);
}`,
    workgroups,
  });
}
