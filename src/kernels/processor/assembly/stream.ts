/**
 * @file Products of a few rows with a large matrix, which is read once, in order, and never packed: dense layers are as fast as
 * memory is.
 */

import { madd } from './simd';
import { firstOf, intAt, pointerAt } from './tasks';
import { ACCUMULATE, BIAS, finishRow } from './tile';

/** Values of the few rows, or of their sums, that are worked on at a time: half of the first-level cache. */
const CHUNK_VALUES: i32 = 4096;
/** Steps after which sums are added to the result, so that long ones stay exact. */
const BLOCK: i32 = 256;

/** Values of each row at a time. */
// @ts-ignore: decorator
@inline function chunkOf(rows: i32): i32 {
  return max(64, min(512, (CHUNK_VALUES / rows) & ~3));
}

/**
 * partial[part] = a[rows, steps of the part] times b[the same, columns].
 * Slots: a, b, partial results one after the other, rows, columns, steps.
 */
export function streamProduct(task: i32, count: i32, args: usize, scratch: usize): void {
  const a = pointerAt(args, 0);
  const b = pointerAt(args, 1);
  const rows = intAt(args, 3);
  const columns = intAt(args, 4);
  const steps = intAt(args, 5);
  const from = firstOf(task, count, steps);
  const to = firstOf(task + 1, count, steps);
  const rowBytes = (<usize>columns) << 2;
  const result = pointerAt(args, 2) + <usize>task * <usize>rows * rowBytes;
  const chunk = chunkOf(rows);
  const chunkBytes = (<usize>chunk) << 2;
  for (let column = 0; column < columns; column += chunk) {
    const across = min(chunk, columns - column);
    const columnBytes = (<usize>column) << 2;
    for (let step = from; step < to; step += BLOCK) {
      const end = min(to, step + BLOCK);
      memory.fill(scratch, 0, <usize>((rows + 1) & ~1) * chunkBytes);
      for (let k = step; k < end; k += 4) {
        for (let row = 0; row < rows; row += 2) {
          const a0 = a + ((<usize>(row * steps + k)) << 2);
          const a1 = row + 1 < rows ? a0 + ((<usize>steps) << 2) : a0;
          const from = b + <usize>k * rowBytes + columnBytes;
          addFourRows(a0, a1, min(4, end - k), from, rowBytes, across, scratch + <usize>row * chunkBytes, chunkBytes);
        }
      }
      for (let row = 0; row < rows; row += 1) {
        const into = result + <usize>row * rowBytes + columnBytes;
        finishRow(scratch + <usize>row * chunkBytes, into, across, step > from ? ACCUMULATE : 0, 0);
      }
    }
  }
}

/** Both rows of sums, `sumBytes` apart, += two rows of up to four values of a, times as many rows of b. */
function addFourRows(
  a0: usize,
  a1: usize,
  steps: i32,
  b: usize,
  rowBytes: usize,
  columns: i32,
  sums: usize,
  sumBytes: usize,
): void {
  // A step too many multiplies the first row of b by zero.
  const offset1: usize = steps > 1 ? rowBytes : 0;
  const offset2: usize = steps > 2 ? rowBytes << 1 : 0;
  const offset3: usize = steps > 3 ? rowBytes * 3 : 0;
  const a00 = v128.load_splat<f32>(a0);
  const a01 = steps > 1 ? v128.load_splat<f32>(a0, 4) : f32x4.splat(0);
  const a02 = steps > 2 ? v128.load_splat<f32>(a0, 8) : f32x4.splat(0);
  const a03 = steps > 3 ? v128.load_splat<f32>(a0, 12) : f32x4.splat(0);
  const a10 = v128.load_splat<f32>(a1);
  const a11 = steps > 1 ? v128.load_splat<f32>(a1, 4) : f32x4.splat(0);
  const a12 = steps > 2 ? v128.load_splat<f32>(a1, 8) : f32x4.splat(0);
  const a13 = steps > 3 ? v128.load_splat<f32>(a1, 12) : f32x4.splat(0);
  let b1 = b + offset1;
  let b2 = b + offset2;
  let b3 = b + offset3;
  let left = columns;
  for (; left >= 4; left -= 4) {
    const x0 = v128.load(b);
    const x1 = v128.load(b1);
    const x2 = v128.load(b2);
    const x3 = v128.load(b3);
    v128.store(sums, madd(a03, x3, madd(a02, x2, madd(a01, x1, madd(a00, x0, v128.load(sums))))));
    const other = sums + sumBytes;
    v128.store(other, madd(a13, x3, madd(a12, x2, madd(a11, x1, madd(a10, x0, v128.load(other))))));
    b += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
    sums += 16;
  }
  for (; left > 0; left -= 1) {
    const x0 = v128.load_splat<f32>(b);
    const x1 = v128.load_splat<f32>(b1);
    const x2 = v128.load_splat<f32>(b2);
    const x3 = v128.load_splat<f32>(b3);
    const sum = madd(a03, x3, madd(a02, x2, madd(a01, x1, madd(a00, x0, v128.load_splat<f32>(sums)))));
    store<f32>(sums, f32x4.extract_lane(sum, 0));
    const other = sums + sumBytes;
    const otherSum = madd(a13, x3, madd(a12, x2, madd(a11, x1, madd(a10, x0, v128.load_splat<f32>(other)))));
    store<f32>(other, f32x4.extract_lane(otherSum, 0));
    b += 4;
    b1 += 4;
    b2 += 4;
    b3 += 4;
    sums += 4;
  }
}

/**
 * result[rows, columns] = a[rows, steps] times the transpose of b[columns, steps], plus bias, perhaps through ReLU.
 * Slots: a, b, result, bias (0 for none), RELU or 0, rows, columns, steps.
 */
export function dotProduct(task: i32, count: i32, args: usize, scratch: usize): void {
  const a = pointerAt(args, 0);
  const b = pointerAt(args, 1);
  const result = pointerAt(args, 2);
  const bias = pointerAt(args, 3);
  const rows = intAt(args, 5);
  const columns = intAt(args, 6);
  const steps = intAt(args, 7);
  const from = firstOf(task, count, columns);
  const to = firstOf(task + 1, count, columns);
  const stepBytes = (<usize>steps) << 2;
  const chunk = chunkOf(rows);
  for (let step = 0; step < steps; step += chunk) {
    const length = min(chunk, steps - step);
    const offset = (<usize>step) << 2;
    let finish = step > 0 ? ACCUMULATE : 0;
    if (step + length === steps) finish |= intAt(args, 4) | (bias ? BIAS : 0);
    for (let column = from; column < to; column += 2) {
      const b0 = b + <usize>column * stepBytes + offset;
      const width = min(2, to - column);
      const b1 = width === 2 ? b0 + stepBytes : b0;
      for (let row = 0; row < rows; row += 4) {
        const height = min(4, rows - row);
        const a0 = a + <usize>row * stepBytes + offset;
        const a1 = height > 1 ? a0 + stepBytes : a0;
        const a2 = height > 2 ? a1 + stepBytes : a0;
        const a3 = height > 3 ? a2 + stepBytes : a0;
        eightDots(a0, a1, a2, a3, b0, b1, length, scratch);
        for (let i = 0; i < height; i += 1) {
          const into = result + ((<usize>(row + i) * <usize>columns + <usize>column) << 2);
          finishRow(scratch + ((<usize>i) << 3), into, width, finish, bias + ((<usize>column) << 2));
        }
      }
    }
  }
}

/** The dot products of four rows with two, to out[4][2]. */
function eightDots(a0: usize, a1: usize, a2: usize, a3: usize, b0: usize, b1: usize, length: i32, out: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const whole = (<usize>(length & ~3)) << 2;
  for (let i: usize = 0; i < whole; i += 16) {
    const x0 = v128.load(b0 + i);
    const x1 = v128.load(b1 + i);
    const y0 = v128.load(a0 + i);
    c00 = madd(y0, x0, c00);
    c01 = madd(y0, x1, c01);
    const y1 = v128.load(a1 + i);
    c10 = madd(y1, x0, c10);
    c11 = madd(y1, x1, c11);
    const y2 = v128.load(a2 + i);
    c20 = madd(y2, x0, c20);
    c21 = madd(y2, x1, c21);
    const y3 = v128.load(a3 + i);
    c30 = madd(y3, x0, c30);
    c31 = madd(y3, x1, c31);
  }
  v128.store(out, sumsOf(c00, c01, c10, c11));
  v128.store(out, sumsOf(c20, c21, c30, c31), 16);
  for (let i = whole; i < (<usize>length) << 2; i += 4) {
    const x0 = load<f32>(b0 + i);
    const x1 = load<f32>(b1 + i);
    addTo(out, load<f32>(a0 + i), x0, x1);
    addTo(out + 8, load<f32>(a1 + i), x0, x1);
    addTo(out + 16, load<f32>(a2 + i), x0, x1);
    addTo(out + 24, load<f32>(a3 + i), x0, x1);
  }
}

/** The sums over each of four registers, in one. */
// @ts-ignore: decorator
@inline function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

// @ts-ignore: decorator
@inline function addTo(out: usize, a: f32, x0: f32, x1: f32): void {
  store<f32>(out, load<f32>(out) + a * x0);
  store<f32>(out, load<f32>(out, 4) + a * x1, 4);
}
