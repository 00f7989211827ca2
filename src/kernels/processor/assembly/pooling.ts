/** @file Maximum and average pooling over [B, H, W, C], and the gradient of the maximum. */

import { firstOf, intAt, pointerAt } from './tasks';

/** y = the largest of each window. Slots: see {@link pool}. Parts of rows of the result. */
export function maxPool(task: i32, count: i32, args: usize, _scratch: usize): void {
  pool(task, count, args, true);
}

/** y = the mean of what each window covers of the image. Slots: see {@link pool}. Parts of rows of the result. */
export function averagePool(task: i32, count: i32, args: usize, _scratch: usize): void {
  pool(task, count, args, false);
}

/**
 * Slots: x, y, rows of y in all images, then from 3 on in height, in width, channels, out height, out width, window height, window width,
 * strides down and across, padding at the top and at the left.
 */
// @ts-ignore: decorator
@inline function pool(task: i32, count: i32, args: usize, isMax: bool): void {
  const x = pointerAt(args, 0);
  const rows = intAt(args, 2);
  const inHeight = intAt(args, 3);
  const inWidth = intAt(args, 4);
  const channels = intAt(args, 5);
  const outHeight = intAt(args, 6);
  const outWidth = intAt(args, 7);
  const down = intAt(args, 8);
  const across = intAt(args, 9);
  const strideDown = intAt(args, 10);
  const strideAcross = intAt(args, 11);
  const padTop = intAt(args, 12);
  const padLeft = intAt(args, 13);
  const pixelBytes = <usize>channels << 2;
  const lineBytes = <usize>inWidth * pixelBytes;
  const first = firstOf(task, count, rows);
  const end = firstOf(task + 1, count, rows);
  let y = pointerAt(args, 1) + <usize>first * <usize>outWidth * pixelBytes;
  for (let row = first; row < end; row += 1) {
    const start = (row % outHeight) * strideDown - padTop;
    const top = max(start, 0);
    const bottom = min(start + down, inHeight);
    const image = x + <usize>(row / outHeight) * <usize>inHeight * lineBytes;
    for (let column = 0; column < outWidth; column += 1) {
      const edge = column * strideAcross - padLeft;
      const left = max(edge, 0);
      const right = min(edge + across, inWidth);
      const corner = image + <usize>top * lineBytes + <usize>left * pixelBytes;
      const share: f32 = <f32>1 / <f32>((bottom - top) * (right - left));
      let at: usize = 0;
      for (; at + 16 <= pixelBytes; at += 16) {
        let result = isMax ? f32x4.splat(-Infinity) : f32x4.splat(0);
        for (let r = top, line = corner + at; r < bottom; r += 1, line += lineBytes) {
          for (let c = left, pixel = line; c < right; c += 1, pixel += pixelBytes) {
            result = isMax ? f32x4.max(result, v128.load(pixel)) : f32x4.add(result, v128.load(pixel));
          }
        }
        v128.store(y + at, isMax ? result : f32x4.mul(result, f32x4.splat(share)));
      }
      for (; at < pixelBytes; at += 4) {
        let result: f32 = isMax ? -Infinity : 0;
        for (let r = top, line = corner + at; r < bottom; r += 1, line += lineBytes) {
          for (let c = left, pixel = line; c < right; c += 1, pixel += pixelBytes) {
            result = isMax ? max(result, load<f32>(pixel)) : result + load<f32>(pixel);
          }
        }
        store<f32>(y + at, isMax ? result : result * share);
      }
      y += pixelBytes;
    }
  }
}

/**
 * dx = dy at the first pixel of each window, in row-major order, that is its maximum. Windows may overlap, so a part is an image,
 * or some of its channels. Slots: x, y, dy, dx, channels of a part, then from 5 on as {@link pool} from 3 on.
 */
export function maxPoolGrad(task: i32, _count: i32, args: usize, _scratch: usize): void {
  const partChannels = intAt(args, 4);
  const inHeight = intAt(args, 5);
  const inWidth = intAt(args, 6);
  const channels = intAt(args, 7);
  const outHeight = intAt(args, 8);
  const outWidth = intAt(args, 9);
  const down = intAt(args, 10);
  const across = intAt(args, 11);
  const strideDown = intAt(args, 12);
  const strideAcross = intAt(args, 13);
  const padTop = intAt(args, 14);
  const padLeft = intAt(args, 15);
  const partsAcross = (channels + partChannels - 1) / partChannels;
  const image = task / partsAcross;
  const firstChannel = (task % partsAcross) * partChannels;
  const bytes = <usize>min(partChannels, channels - firstChannel) << 2;
  const pixelBytes = <usize>channels << 2;
  const lineBytes = <usize>inWidth * pixelBytes;
  const inStart = <usize>image * <usize>inHeight * lineBytes + (<usize>firstChannel << 2);
  const x = pointerAt(args, 0) + inStart;
  const dx = pointerAt(args, 3) + inStart;
  let out = <usize>image * <usize>outHeight * <usize>outWidth * pixelBytes + (<usize>firstChannel << 2);
  const y = pointerAt(args, 1);
  const dy = pointerAt(args, 2);
  for (let pixel = dx, last = dx + <usize>inHeight * lineBytes; pixel < last; pixel += pixelBytes) {
    memory.fill(pixel, 0, bytes);
  }
  for (let row = 0; row < outHeight; row += 1) {
    const start = row * strideDown - padTop;
    const top = max(start, 0);
    const bottom = min(start + down, inHeight);
    for (let column = 0; column < outWidth; column += 1) {
      const edge = column * strideAcross - padLeft;
      const left = max(edge, 0);
      const right = min(edge + across, inWidth);
      const corner = <usize>top * lineBytes + <usize>left * pixelBytes;
      let at: usize = 0;
      for (; at + 16 <= bytes; at += 16) {
        const largest = v128.load(y + out + at);
        const gradient = v128.load(dy + out + at);
        let open = i32x4.splat(-1);
        for (let r = top, line = corner + at; r < bottom; r += 1, line += lineBytes) {
          for (let c = left, pixel = line; c < right; c += 1, pixel += pixelBytes) {
            const chosen = v128.and(f32x4.eq(v128.load(x + pixel), largest), open);
            v128.store(dx + pixel, f32x4.add(v128.load(dx + pixel), v128.and(gradient, chosen)));
            open = v128.andnot(open, chosen);
          }
        }
      }
      for (; at < bytes; at += 4) scatterOne(x, dx, corner + at, top, bottom, left, right, lineBytes, pixelBytes, load<f32>(y + out + at), load<f32>(dy + out + at));
      out += pixelBytes;
    }
  }
}

/** One channel of one window. */
function scatterOne(x: usize, dx: usize, corner: usize, top: i32, bottom: i32, left: i32, right: i32, lineBytes: usize, pixelBytes: usize, largest: f32, gradient: f32): void {
  for (let r = top, line = corner; r < bottom; r += 1, line += lineBytes) {
    for (let c = left, pixel = line; c < right; c += 1, pixel += pixelBytes) {
      if (load<f32>(x + pixel) != largest) continue;
      store<f32>(dx + pixel, load<f32>(dx + pixel) + gradient);
      return;
    }
  }
}
