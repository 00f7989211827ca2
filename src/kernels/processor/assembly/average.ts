/** @file Mean over an image's pixels, and the gradient of average pooling. */

import { floatsOf, highDoubles, lowDoubles } from './columns';
import { madd } from './simd';
import { firstOf, intAt, pointerAt } from './tasks';

/** The mean of each channel per image. Slots: x [images, pixels, channels], mean [images, channels], images, pixels, channels. */
export function globalAveragePool(task: i32, count: i32, args: usize, _scratch: usize): void {
  const images = intAt(args, 2);
  const pixels = intAt(args, 3);
  const channels = intAt(args, 4);
  const rowBytes = (<usize>channels) << 2;
  const share = f64x2.splat(1 / <f64>pixels);
  const vectors = channels >> 2;
  const columns = vectors + (channels & 3);
  const work = images * columns;
  for (let item = firstOf(task, count, work), end = firstOf(task + 1, count, work); item < end; item += 1) {
    const image = item / columns;
    const column = item % columns;
    const whole = column < vectors;
    const channel = whole ? 4 * column : 3 * vectors + column;
    let x = pointerAt(args, 0) + <usize>image * <usize>pixels * rowBytes + ((<usize>channel) << 2);
    const mean = pointerAt(args, 1) + <usize>image * rowBytes + ((<usize>channel) << 2);
    if (whole) {
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      for (let left = pixels; left > 0; left -= 1) {
        const values = v128.load(x);
        low = f64x2.add(low, lowDoubles(values));
        high = f64x2.add(high, highDoubles(values));
        x += rowBytes;
      }
      v128.store(mean, floatsOf(f64x2.mul(low, share), f64x2.mul(high, share)));
    } else {
      let sum: f64 = 0;
      for (let left = pixels; left > 0; left -= 1) {
        sum += <f64>load<f32>(x);
        x += rowBytes;
      }
      store<f32>(mean, <f32>(sum / <f64>pixels));
    }
  }
}

/**
 * The gradient of average pooling: each pixel sums over the windows that cover it, and each window divides by the number of pixels
 * that it really covers. Parts of rows of the image.
 * Slots: dy, dx, rows of dx in all images, in height, in width, channels, out height, out width, window height, window width,
 * strides down and across, padding at the top and at the left.
 */
export function averagePoolGrad(task: i32, count: i32, args: usize, _scratch: usize): void {
  const rows = intAt(args, 2);
  const inHeight = intAt(args, 3);
  const inWidth = intAt(args, 4);
  const outHeight = intAt(args, 6);
  const outWidth = intAt(args, 7);
  const height = intAt(args, 8);
  const width = intAt(args, 9);
  const strideDown = intAt(args, 10);
  const strideAcross = intAt(args, 11);
  const padTop = intAt(args, 12);
  const padLeft = intAt(args, 13);
  const pixelBytes = (<usize>intAt(args, 5)) << 2;
  const first = firstOf(task, count, rows);
  const end = firstOf(task + 1, count, rows);
  let dx = pointerAt(args, 1) + <usize>first * <usize>inWidth * pixelBytes;
  for (let row = first; row < end; row += 1) {
    const image = pointerAt(args, 0) + <usize>(row / inHeight) * <usize>(outHeight * outWidth) * pixelBytes;
    const down = row % inHeight + padTop;
    const top = firstWindow(down, height, strideDown);
    const bottom = min(outHeight - 1, down / strideDown);
    for (let column = 0; column < inWidth; column += 1) {
      const across = column + padLeft;
      const left = firstWindow(across, width, strideAcross);
      const right = min(outWidth - 1, across / strideAcross);
      let isFirst = true;
      for (let r = top; r <= bottom; r += 1) {
        const covered = pixelsOf(r, height, strideDown, padTop, inHeight);
        for (let c = left; c <= right; c += 1) {
          const share: f32 = 1 / <f32>(covered * pixelsOf(c, width, strideAcross, padLeft, inWidth));
          addShare(image + <usize>(r * outWidth + c) * pixelBytes, share, dx, pixelBytes, isFirst);
          isFirst = false;
        }
      }
      if (isFirst) memory.fill(dx, 0, pixelBytes);
      dx += pixelBytes;
    }
  }
}

/** The first window along an axis that reaches a place, counted from the padding's edge. */
// @ts-ignore: decorator
@inline function firstWindow(place: i32, size: i32, stride: i32): i32 {
  return max(0, (place - size + stride) / stride);
}

/** How many pixels of the image a window covers along an axis. */
// @ts-ignore: decorator
@inline function pixelsOf(window: i32, size: i32, stride: i32, padding: i32, length: i32): i32 {
  const start = window * stride - padding;
  return min(start + size, length) - max(start, 0);
}

/** dx = dy times `share`, or that added to it. */
function addShare(dy: usize, share: f32, dx: usize, bytes: usize, isFirst: bool): void {
  const shares = f32x4.splat(share);
  let at: usize = 0;
  if (isFirst) {
    for (; at + 16 <= bytes; at += 16) v128.store(dx + at, f32x4.mul(v128.load(dy + at), shares));
    for (; at < bytes; at += 4) store<f32>(dx + at, load<f32>(dy + at) * share);
    return;
  }
  for (; at + 16 <= bytes; at += 16) v128.store(dx + at, madd(v128.load(dy + at), shares, v128.load(dx + at)));
  for (; at < bytes; at += 4) store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy + at) * share);
}
