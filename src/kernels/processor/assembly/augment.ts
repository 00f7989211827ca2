/** @file From uint8 pixels to a network's input: affine, flip, noise, clip, times 1/255. */

import { hashNormals } from './hash-normal';
import { firstOf, intAt, pointerAt } from './tasks';

/** Red, green and blue of a pixel as floats, and 0. The byte before them is read too: one behind them may lie past the memory. */
// @ts-ignore: decorator
@inline function colorAt(pixels: usize, row: i32, column: i32, side: i32): v128 {
  const at = pixels + <usize>((row * side + column) * 3);
  const words = i16x8.extend_low_i8x16_u(i32x4.shr_u(v128.load32_zero(at - 1), 8));
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(words));
}

// @ts-ignore: decorator
@inline function mix(from: v128, to: v128, share: f32): v128 {
  return f32x4.add(f32x4.mul(from, f32x4.splat(1 - share)), f32x4.mul(to, f32x4.splat(share)));
}

/** One row of an image, resampled bilinearly. */
function resampleRow(pixels: usize, row: i32, side: i32, affine: usize, flip: bool, out: usize): void {
  const last = <f32>(side - 1);
  for (let column = 0; column < side; column += 1) {
    const from = <f32>(flip ? side - 1 - column : column);
    const y = load<f32>(affine) * <f32>row + load<f32>(affine, 4) * from + load<f32>(affine, 8);
    const x = load<f32>(affine, 12) * <f32>row + load<f32>(affine, 16) * from + load<f32>(affine, 20);
    const insideY = min(max(y, 0), last);
    const insideX = min(max(x, 0), last);
    const top = <i32>insideY;
    const left = <i32>insideX;
    const bottom = min(top + 1, side - 1);
    const right = min(left + 1, side - 1);
    const across = insideX - <f32>left;
    const upper = mix(colorAt(pixels, top, left, side), colorAt(pixels, top, right, side), across);
    const lower = mix(colorAt(pixels, bottom, left, side), colorAt(pixels, bottom, right, side), across);
    const color = mix(upper, lower, insideY - <f32>top);
    v128.store64_lane(out, color, 0);
    v128.store32_lane(out, color, 2, 8);
    out += 12;
  }
}

// @ts-ignore: decorator
@inline function finished(grey: v128, sigma: f32, seed: i32, index: i32, clip: i32): v128 {
  let value = grey;
  if (sigma > 0) value = f32x4.add(value, f32x4.mul(f32x4.splat(sigma), hashNormals(seed, index)));
  if (clip) value = f32x4.min(f32x4.max(value, f32x4.splat(0)), f32x4.splat(255));
  return f32x4.div(value, f32x4.splat(255));
}

/** Slots: pixels, transforms, flips, noise, seeds, result, batch, side, clip. */
export function augmentImages(task: i32, count: i32, args: usize, _scratch: usize): void {
  const side = intAt(args, 7);
  const rows = intAt(args, 6) * side;
  const clip = intAt(args, 8);
  const length = side * 3;
  const end = firstOf(task + 1, count, rows);
  for (let item = firstOf(task, count, rows); item < end; item += 1) {
    const image = item / side;
    const row = item % side;
    const place = (<usize>image) << 2;
    const out = pointerAt(args, 5) + <usize>item * ((<usize>length) << 2);
    const pixels = pointerAt(args, 0) + <usize>image * <usize>(side * length);
    const flip = load<i32>(pointerAt(args, 2) + place) !== 0;
    resampleRow(pixels, row, side, pointerAt(args, 1) + place * 6, flip, out);
    const sigma = load<f32>(pointerAt(args, 3) + place);
    const seed = load<i32>(pointerAt(args, 4) + place);
    const index = row * length;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      const at = out + ((<usize>i) << 2);
      v128.store(at, finished(v128.load(at), sigma, seed, index + i, clip));
    }
    for (; i < length; i += 1) {
      const at = out + ((<usize>i) << 2);
      v128.store32_lane(at, finished(v128.load32_zero(at), sigma, seed, index + i, clip), 0);
    }
  }
}
