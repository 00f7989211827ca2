/** @file Forward convolution with bias and ReLU fused, over `Conv2D` and `FusedConv2D`. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { ConvInfo } from '../conv2d-geometry';
import { convUniforms, patchCode } from './conv2d-patches';
import { implicitMatMul } from './implicit-matmul';
import { type Fours, typeOf } from './matmul-plan';

const codeFor = (fours: Fours) => `${patchCode(fours.a)}
fn rowOf(m: u32) -> vec4<i32> { return patchOf(m); }
fn stepOf(k: u32) -> vec4<i32> { return tapOf(k); }
fn nextStep(step: vec4<i32>, k: u32, by: i32) -> vec4<i32> { return nextTap(step, k, by); }
fn readA${fours.a ? '4' : ''}(row: vec4<i32>, step: vec4<i32>) -> ${typeOf(fours.a)} {
  return readPatch${fours.a ? '4' : ''}(row, step);
}
fn readB${fours.b ? '4' : ''}(step: vec4<i32>, n: u32) -> ${typeOf(fours.b)} {
  return filter_[(u32(step.w * uniforms.outChannels) + n)${fours.b ? ' >> 2' : ''}];
}
`;

/** y = x * filter (+ bias) (then ReLU): x [B, H, W, C], filter [h, w, C, D], bias [D] to [B, H', W', D]. */
export function conv2d(
  backend: WebGPUBackend,
  x: TensorInfo,
  filter: TensorInfo,
  info: ConvInfo,
  finish: { bias?: TensorInfo; relu?: boolean } = {},
): TensorInfo {
  return implicitMatMul(backend, {
    name: 'conv2d',
    m: info.batchSize * info.outHeight * info.outWidth,
    n: info.outChannels,
    k: info.filterHeight * info.filterWidth * info.inChannels,
    a: { name: 'x', tensor: x },
    b: { name: 'filter_', tensor: filter },
    uniforms: convUniforms(info),
    code: codeFor,
    aAlong: 'k',
    bAlong: 'n',
    fours: { a: info.inChannels % 4 === 0, b: info.outChannels % 4 === 0 },
    outputShape: info.outShape,
    ...finish,
  });
}
