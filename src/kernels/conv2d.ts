/** @file Forward convolution with bias and ReLU fused, over `Conv2D` and `FusedConv2D`. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type ConvInfo, convUniforms, PATCH_CODE } from './conv2d-geometry';
import { implicitMatMul } from './implicit-matmul';

const CODE = `${PATCH_CODE}
fn rowOf(m: u32) -> vec4<i32> { return patchOf(m); }
fn stepOf(k: u32) -> vec4<i32> { return tapOf(k); }
fn readA(row: vec4<i32>, step: vec4<i32>) -> f32 { return readPatch(row, step); }
fn readB(step: vec4<i32>, n: u32) -> f32 { return filter_[u32(step.w * uniforms.outChannels) + n]; }
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
    inputs: [
      { name: 'x', tensor: x, access: 'read' },
      { name: 'filter_', tensor: filter, access: 'read' },
    ],
    uniforms: convUniforms(info),
    code: CODE,
    aAlong: 'k',
    bAlong: 'n',
    outputShape: info.outShape,
    ...finish,
  });
}
