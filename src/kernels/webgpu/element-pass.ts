/** @file The head of a program that gives each element a thread, for arrays past 65535 workgroups too. */

import type { TensorInfo } from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { PassUniform } from './uniform-cache';
import { FLAT_GROUP, type PassBuffer, spreadWorkgroups } from './webgpu-pass';

export const ELEMENT_THREADS = 64;

/** WGSL: the head of `main` for `spreadWorkgroups(ceil(size / ELEMENT_THREADS))`; `i` is below `uniforms.size`. */
export const ELEMENT_MAIN = `${FLAT_GROUP}
@compute @workgroup_size(${ELEMENT_THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = flatGroup(group, groups) * ${ELEMENT_THREADS} + local;
  if (i >= uniforms.size) { return; }
`;

export interface ElementPass {
  /** For the pass' key: the code means something else for vectors. */
  width: 1 | 4;
  element: NonNullable<PassBuffer['element']>;
  size: PassUniform;
  workgroups: [number, number, number];
}

/** One thread for four elements at once where the size allows: the code must read the same for `f32` and `vec4<f32>`. */
export function elementPass(tensor: TensorInfo): ElementPass {
  const count = util.sizeFromShape(tensor.shape);
  const width = count % 4 === 0 ? 4 : 1;
  const size = count / width;
  return {
    width,
    element: width === 4 ? 'vec4<f32>' : 'f32',
    size: { type: 'u32', value: size },
    workgroups: spreadWorkgroups(Math.ceil(size / ELEMENT_THREADS)),
  };
}
