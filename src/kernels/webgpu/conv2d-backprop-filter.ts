/** @file Gradient of a convolution by its filter, over `Conv2DBackpropFilter`: a product summed over all output pixels. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { ConvInfo } from '../conv2d-geometry';
import { convUniforms, patchCode } from './conv2d-patches';
import { implicitMatMul } from './implicit-matmul';
import { type Fours, typeOf } from './matmul-plan';

const codeFor = (fours: Fours) => `${patchCode(fours.a)}
fn rowOf(m: u32) -> vec4<i32> { return tapOf(m); }
fn stepOf(k: u32) -> vec4<i32> { return patchOf(k); }
// Pixels are never read four at a time: by is 1.
fn nextStep(step: vec4<i32>, k: u32, by: i32) -> vec4<i32> { return nextPatch(step, k); }
fn readA${fours.a ? '4' : ''}(row: vec4<i32>, step: vec4<i32>) -> ${typeOf(fours.a)} {
  return readPatch${fours.a ? '4' : ''}(step, row);
}
fn readB${fours.b ? '4' : ''}(step: vec4<i32>, n: u32) -> ${typeOf(fours.b)} {
  return dy[(u32(step.w * uniforms.outChannels) + n)${fours.b ? ' >> 2' : ''}];
}
`;

/** x [B, H, W, C], dy [B, H', W', D] to [h, w, C, D]. */
export function conv2dBackpropFilter(
  backend: WebGPUBackend,
  x: TensorInfo,
  dy: TensorInfo,
  info: ConvInfo,
): TensorInfo {
  return implicitMatMul(backend, {
    name: 'conv2d-backprop-filter',
    m: info.filterHeight * info.filterWidth * info.inChannels,
    n: info.outChannels,
    k: info.batchSize * info.outHeight * info.outWidth,
    a: { name: 'x', tensor: x },
    b: { name: 'dy', tensor: dy },
    uniforms: convUniforms(info),
    code: codeFor,
    aAlong: 'm',
    bAlong: 'n',
    fours: { a: info.inChannels % 4 === 0, b: info.outChannels % 4 === 0 },
    outputShape: info.filterShape,
  });
}
