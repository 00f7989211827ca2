/** @file The head of a program that gives each element a thread, for arrays past 65535 workgroups too. */

import { FLAT_GROUP } from './webgpu-pass';

export const ELEMENT_THREADS = 64;

/** WGSL: the head of `main` for `spreadWorkgroups(ceil(size / ELEMENT_THREADS))`; `i` is below `uniforms.size`. */
export const ELEMENT_MAIN = `${FLAT_GROUP}
@compute @workgroup_size(${ELEMENT_THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {
  let i = flatGroup(group, groups) * ${ELEMENT_THREADS} + local;
  if (i >= uniforms.size) { return; }
`;
