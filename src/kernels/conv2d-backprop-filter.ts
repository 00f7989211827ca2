/** @file Gradient of a convolution by its filter, over `Conv2DBackpropFilter`: a product summed over all output pixels. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type ConvInfo, convUniforms, patchCode } from './conv2d-geometry';
import { implicitMatMul } from './implicit-matmul';
import { typeOf } from './matmul-plan';

const codeFor = (vectorA: boolean, vectorB: boolean) => `${patchCode(vectorA)}
fn rowOf(m: u32) -> vec4<i32> { return tapOf(m); }
fn stepOf(k: u32) -> vec4<i32> { return patchOf(k); }
fn readA${vectorA ? '4' : ''}(row: vec4<i32>, step: vec4<i32>) -> ${typeOf(vectorA)} {
  return readPatch${vectorA ? '4' : ''}(step, row);
}
fn readB${vectorB ? '4' : ''}(step: vec4<i32>, n: u32) -> ${typeOf(vectorB)} {
  return dy[(u32(step.w * uniforms.outChannels) + n)${vectorB ? ' >> 2' : ''}];
}
`;

/** x [B, H, W, C], dy [B, H', W', D] to [h, w, C, D]. */
export function conv2dBackpropFilter(
  backend: WebGPUBackend,
  x: TensorInfo,
  dy: TensorInfo,
  info: ConvInfo,
): TensorInfo {
  const vectorA = info.inChannels % 4 === 0;
  const vectorB = info.outChannels % 4 === 0;
  return implicitMatMul(backend, {
    name: 'conv2d-backprop-filter',
    m: info.filterHeight * info.filterWidth * info.inChannels,
    n: info.outChannels,
    k: info.batchSize * info.outHeight * info.outWidth,
    inputs: [
      { name: 'x', tensor: x, access: 'read', element: typeOf(vectorA) },
      { name: 'dy', tensor: dy, access: 'read', element: typeOf(vectorB) },
    ],
    uniforms: convUniforms(info),
    code: codeFor(vectorA, vectorB),
    aAlong: 'm',
    bAlong: 'n',
    vectorA,
    vectorB,
    outputShape: info.filterShape,
  });
}
