/** @file Forward convolution with bias and ReLU fused, over `Conv2D` and `FusedConv2D`. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type ConvInfo, convUniforms, patchCode } from './conv2d-geometry';
import { implicitMatMul } from './implicit-matmul';
import { typeOf } from './matmul-plan';

const codeFor = (vectorA: boolean, vectorB: boolean) => `${patchCode(vectorA)}
fn rowOf(m: u32) -> vec4<i32> { return patchOf(m); }
fn stepOf(k: u32) -> vec4<i32> { return tapOf(k); }
fn readA${vectorA ? '4' : ''}(row: vec4<i32>, step: vec4<i32>) -> ${typeOf(vectorA)} {
  return readPatch${vectorA ? '4' : ''}(row, step);
}
fn readB${vectorB ? '4' : ''}(step: vec4<i32>, n: u32) -> ${typeOf(vectorB)} {
  return filter_[(u32(step.w * uniforms.outChannels) + n)${vectorB ? ' >> 2' : ''}];
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
  const vectorA = info.inChannels % 4 === 0;
  const vectorB = info.outChannels % 4 === 0;
  return implicitMatMul(backend, {
    name: 'conv2d',
    m: info.batchSize * info.outHeight * info.outWidth,
    n: info.outChannels,
    k: info.filterHeight * info.filterWidth * info.inChannels,
    inputs: [
      { name: 'x', tensor: x, access: 'read', element: typeOf(vectorA) },
      { name: 'filter_', tensor: filter, access: 'read', element: typeOf(vectorB) },
    ],
    uniforms: convUniforms(info),
    code: codeFor(vectorA, vectorB),
    aAlong: 'k',
    bAlong: 'n',
    vectorA,
    vectorB,
    outputShape: info.outShape,
    ...finish,
  });
}
