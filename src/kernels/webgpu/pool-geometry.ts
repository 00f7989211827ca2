/** @file What the gradients of pooling share: which windows cover a pixel, and how a thread finds its pixel. */

import type { TensorInfo } from '@tensorflow/tfjs';
import { backend_util, util } from '@tensorflow/tfjs';
import type { PoolAttributes } from '../pool-inputs';
import { ELEMENT_MAIN, ELEMENT_THREADS } from './element-pass';
import type { PassUniform } from './uniform-cache';
import { spreadWorkgroups } from './webgpu-pass';

export interface PoolPass {
  /** For the pass' key: the code means something else for vectors. */
  width: 1 | 4;
  element: 'f32' | 'vec4<f32>';
  uniforms: Record<string, PassUniform>;
  workgroups: [number, number, number];
}

/** One thread for each pixel and channel of the input [B, H, W, C], or for four channels where they divide. */
export function poolPass(inputShape: TensorInfo['shape'], attributes: PoolAttributes): PoolPass {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = backend_util.computePool2DInfo(
    inputShape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const width = info.inChannels % 4 === 0 ? 4 : 1;
  const numbers = {
    columns: info.inChannels / width,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
  const size = util.sizeFromShape(info.inShape) / width;
  return {
    width,
    element: width === 4 ? 'vec4<f32>' : 'f32',
    uniforms: {
      size: { type: 'u32', value: size },
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { type: 'i32', value }] as const)),
    },
    workgroups: spreadWorkgroups(Math.ceil(size / ELEMENT_THREADS)),
  };
}

/**
 * WGSL: `main` that visits, for input element `i` at (`batch`, `row`, `across`) and `channel` (of `uniforms.columns`),
 * each window that covers it: `window` is the output element, which covers rows `top` to before `bottom` and columns
 * `left` to before `right` of the image.
 */
export const eachWindow = (before: string, visit: string, after: string) => `
fn windowsOver(position: i32, size: i32, stride: i32, count: i32) -> vec2<i32> {
  return vec2<i32>(max(0, (position - size + stride) / stride), min(count - 1, position / stride));
}
${ELEMENT_MAIN}
  let channel = i32(i) % uniforms.columns;
  let pixel = i32(i) / uniforms.columns;
  let across = pixel % uniforms.inWidth;
  let row = pixel / uniforms.inWidth % uniforms.inHeight;
  let batch = pixel / uniforms.inWidth / uniforms.inHeight;
  let down = windowsOver(row + uniforms.padTop, uniforms.filterHeight, uniforms.strideHeight, uniforms.outHeight);
  let over = windowsOver(across + uniforms.padLeft, uniforms.filterWidth, uniforms.strideWidth, uniforms.outWidth);
  ${before}
  for (var windowRow = down.x; windowRow <= down.y; windowRow++) {
    let start = windowRow * uniforms.strideHeight - uniforms.padTop;
    let top = max(start, 0);
    let bottom = min(start + uniforms.filterHeight, uniforms.inHeight);
    for (var windowColumn = over.x; windowColumn <= over.y; windowColumn++) {
      let edge = windowColumn * uniforms.strideWidth - uniforms.padLeft;
      let left = max(edge, 0);
      let right = min(edge + uniforms.filterWidth, uniforms.inWidth);
      let window = ((batch * uniforms.outHeight + windowRow) * uniforms.outWidth + windowColumn) * uniforms.columns + channel;
      ${visit}
    }
  }
  ${after}
}`;
