/**
 * @file Gradient of a stride-1 convolution by its input, over `Conv2DBackpropInput`: a product summed over filter taps and
 * output channels.
 *
 * With a stride s, all but one in s² of an input pixel's taps meet no output pixel; the stock kernel skips them, and on
 * SwiftShader multiplying them as zeros here took 292 ms to its 51 (3x3 stride 2, 192 to 320 channels, batch 4, 8x8).
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { type ConvInfo, convUniforms } from './conv2d-geometry';
import { implicitMatMul } from './implicit-matmul';

const CODE = `
fn rowOf(m: u32) -> vec4<i32> {
  let pixel = i32(m);
  let line = pixel / uniforms.inWidth;
  let batch = line / uniforms.inHeight;
  let row = line - batch * uniforms.inHeight + uniforms.padTop;
  let column = pixel - line * uniforms.inWidth + uniforms.padLeft;
  return vec4<i32>(batch * uniforms.outHeight * uniforms.outWidth * uniforms.outChannels, row, column, 0);
}
fn stepOf(k: u32) -> vec4<i32> {
  let tap = i32(k) / uniforms.outChannels;
  let channel = i32(k) - tap * uniforms.outChannels;
  let row = tap / uniforms.filterWidth;
  return vec4<i32>(channel, row, tap - row * uniforms.filterWidth,
    tap * uniforms.inChannels * uniforms.outChannels + channel);
}
fn readA(pixel: vec4<i32>, step: vec4<i32>) -> f32 {
  let row = pixel.y - step.y;
  let column = pixel.z - step.z;
  if (u32(row) >= u32(uniforms.outHeight) || u32(column) >= u32(uniforms.outWidth)) { return 0.0; }
  return dy[pixel.x + (row * uniforms.outWidth + column) * uniforms.outChannels + step.x];
}
fn readB(step: vec4<i32>, n: u32) -> f32 { return filter_[u32(step.w) + n * u32(uniforms.outChannels)]; }
`;

/** False for a convolution to leave to the stock kernel. */
export function takesStrides({ strideHeight, strideWidth }: ConvInfo): boolean {
  return strideHeight === 1 && strideWidth === 1;
}

/** dy [B, H', W', D], filter [h, w, C, D] to [B, H, W, C]. */
export function conv2dBackpropInput(
  backend: WebGPUBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  info: ConvInfo,
): TensorInfo {
  return implicitMatMul(backend, {
    name: 'conv2d-backprop-input',
    m: info.batchSize * info.inHeight * info.inWidth,
    n: info.inChannels,
    k: info.filterHeight * info.filterWidth * info.outChannels,
    inputs: [
      { name: 'dy', tensor: dy, access: 'read' },
      { name: 'filter_', tensor: filter, access: 'read' },
    ],
    uniforms: convUniforms(info),
    code: CODE,
    aAlong: 'k',
    bAlong: 'k',
    outputShape: info.inShape,
  });
}
