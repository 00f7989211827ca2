/** @file Gradient of a convolution by its filter, over `Conv2DBackpropFilter`: a product summed over all output pixels. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type ConvInfo, convUniforms, PATCH_CODE } from './conv2d-geometry';
import { implicitMatMul } from './implicit-matmul';

const CODE = `${PATCH_CODE}
fn rowOf(m: u32) -> vec4<i32> { return tapOf(m); }
fn stepOf(k: u32) -> vec4<i32> { return patchOf(k); }
fn readA(row: vec4<i32>, step: vec4<i32>) -> f32 { return readPatch(step, row); }
fn readB(step: vec4<i32>, n: u32) -> f32 { return dy[u32(step.w * uniforms.outChannels) + n]; }
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
    inputs: [
      { name: 'x', tensor: x, access: 'read' },
      { name: 'dy', tensor: dy, access: 'read' },
    ],
    uniforms: convUniforms(info),
    code: CODE,
    aAlong: 'm',
    bAlong: 'n',
    outputShape: info.filterShape,
  });
}
