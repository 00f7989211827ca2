/** @file What the three convolution kernels share on WebGPU: where a pixel's patch lies in memory. */

import type { ConvInfo } from '../conv2d-geometry';
import { typeOf } from './matmul-plan';
import type { PassUniform } from './uniform-cache';

/** @param more numbers of one kernel's own. */
export function convUniforms(info: ConvInfo, more: Record<string, number> = {}): Record<string, PassUniform> {
  const numbers = {
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
    ...more,
  };
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { type: 'i32', value }]));
}

/**
 * WGSL. In NHWC, one row of a pixel's patch (filter column and channel together) is a run of consecutive elements of `x`,
 * which leaves the image only as a whole pixel does. So an address is one sum, checked by two comparisons:
 * `patchOf(p)` for output pixel p = (batch, row, column) is (address, input row, input run start, p), and
 * `tapOf(k)` for filter tap k = (filter row, run) is (address offset, filter row, run, k).
 *
 * `nextPatch` and `nextTap` give the same for the next pixel, or the tap `by` further, from the one before; only at the end
 * of a row do they divide.
 *
 * @param four four channels at a time, from a tap whose channel is a multiple of four.
 */
export const patchCode = (four: boolean) => `
fn patchOf(p: u32) -> vec4<i32> {
  let pixel = i32(p);
  let line = pixel / uniforms.outWidth;
  let batch = line / uniforms.outHeight;
  let row = (line - batch * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop;
  let run = ((pixel - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft) * uniforms.inChannels;
  return vec4<i32>((batch * uniforms.inHeight + row) * uniforms.inWidth * uniforms.inChannels + run, row, run, pixel);
}
fn tapOf(k: u32) -> vec4<i32> {
  let length = uniforms.filterWidth * uniforms.inChannels;
  let row = i32(k) / length;
  let run = i32(k) - row * length;
  return vec4<i32>(row * uniforms.inWidth * uniforms.inChannels + run, row, run, i32(k));
}
fn nextPatch(patch_: vec4<i32>, p: u32) -> vec4<i32> {
  let stride = uniforms.strideWidth * uniforms.inChannels;
  let run = patch_.z + stride;
  if (run >= (uniforms.outWidth * uniforms.strideWidth - uniforms.padLeft) * uniforms.inChannels) { return patchOf(p); }
  return vec4<i32>(patch_.x + stride, patch_.y, run, i32(p));
}
fn nextTap(tap: vec4<i32>, k: u32, by: i32) -> vec4<i32> {
  let run = tap.z + by;
  if (run >= uniforms.filterWidth * uniforms.inChannels) { return tapOf(k); }
  return vec4<i32>(tap.x + by, tap.y, run, i32(k));
}
fn readPatch${four ? '4' : ''}(origin: vec4<i32>, tap: vec4<i32>) -> ${typeOf(four)} {
  let inside = u32(origin.y + tap.y) < u32(uniforms.inHeight)
    && u32(origin.z + tap.z) < u32(uniforms.inWidth * uniforms.inChannels);
  if (!inside) { return ${typeOf(four)}(); }
  return x[(origin.x + tap.x)${four ? ' >> 2' : ''}];
}
`;
