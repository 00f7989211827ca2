/**
 * @file Mean and biased variance of each channel.
 *
 * A block of rows sums distances from its own first row, which lies among the values, so that no large squares are
 * subtracted; blocks are combined by the formula of Chan, Golub and LeVeque (1983).
 */

import { floatsOf, highDoubles, lowDoubles, paddedColumns, vectorBytes } from './columns';
import { madd } from './simd';
import { firstOf, intAt, pointerAt } from './tasks';

/** Adds the distances of four rows from `shift`, and their squares, to `sums`. */
function addFour(x: usize, rowBytes: usize, shift: usize, columns: i32, sums: usize, squares: usize): void {
  const row1 = x + rowBytes;
  const row2 = row1 + rowBytes;
  const row3 = row2 + rowBytes;
  const end = vectorBytes(columns);
  let at: usize = 0;
  for (; at < end; at += 16) {
    const centre = v128.load(shift + at);
    const a = f32x4.sub(v128.load(x + at), centre);
    const b = f32x4.sub(v128.load(row1 + at), centre);
    const c = f32x4.sub(v128.load(row2 + at), centre);
    const d = f32x4.sub(v128.load(row3 + at), centre);
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    const square = f32x4.add(madd(a, a, f32x4.mul(b, b)), madd(c, c, f32x4.mul(d, d)));
    v128.store(sums + at, f32x4.add(v128.load(sums + at), sum));
    v128.store(squares + at, f32x4.add(v128.load(squares + at), square));
  }
  for (const last = (<usize>columns) << 2; at < last; at += 4) {
    for (let row = 0; row < 4; row += 1) addOne(x + <usize>row * rowBytes + at, shift + at, sums + at, squares + at);
  }
}

function addRow(x: usize, shift: usize, columns: i32, sums: usize, squares: usize): void {
  const end = vectorBytes(columns);
  let at: usize = 0;
  for (; at < end; at += 16) {
    const distance = f32x4.sub(v128.load(x + at), v128.load(shift + at));
    v128.store(sums + at, f32x4.add(v128.load(sums + at), distance));
    v128.store(squares + at, madd(distance, distance, v128.load(squares + at)));
  }
  for (const last = (<usize>columns) << 2; at < last; at += 4) addOne(x + at, shift + at, sums + at, squares + at);
}

// @ts-ignore: decorator
@inline function addOne(x: usize, shift: usize, sum: usize, square: usize): void {
  const distance = load<f32>(x) - load<f32>(shift);
  store<f32>(sum, load<f32>(sum) + distance);
  store<f32>(square, load<f32>(square) + distance * distance);
}

/** Turns the sums of a block into its mean and its sum of squared distances from that. */
function finishBlock(shift: usize, columns: i32, rows: i32, sums: usize, squares: usize): void {
  const count = <f32>rows;
  for (let at: usize = 0, end = (<usize>columns) << 2; at < end; at += 4) {
    const sum = load<f32>(sums + at);
    const average = sum / count;
    store<f32>(sums + at, load<f32>(shift + at) + average);
    store<f32>(squares + at, load<f32>(squares + at) - sum * average);
  }
}

/** Slots: x, partial [blocks, 2, padded columns], rows, columns, bytes from row to row, rows of a block, blocks. */
export function momentBlocks(task: i32, count: i32, args: usize, _scratch: usize): void {
  const x = pointerAt(args, 0);
  const partial = pointerAt(args, 1);
  const rows = intAt(args, 2);
  const columns = intAt(args, 3);
  const rowBytes = pointerAt(args, 4);
  const blockRows = intAt(args, 5);
  const blocks = intAt(args, 6);
  const sumBytes = (<usize>paddedColumns(columns)) << 2;
  for (let block = firstOf(task, count, blocks), end = firstOf(task + 1, count, blocks); block < end; block += 1) {
    const sums = partial + <usize>block * 2 * sumBytes;
    const squares = sums + sumBytes;
    memory.fill(sums, 0, 2 * sumBytes);
    const first = block * blockRows;
    const blockSize = min(blockRows, rows - first);
    const shift = x + <usize>first * rowBytes;
    let row = shift;
    let left = blockSize;
    for (; left >= 4; left -= 4) {
      addFour(row, rowBytes, shift, columns, sums, squares);
      row += 4 * rowBytes;
    }
    for (; left > 0; left -= 1) {
      addRow(row, shift, columns, sums, squares);
      row += rowBytes;
    }
    finishBlock(shift, columns, blockSize, sums, squares);
  }
}

/** Slots: partial as momentBlocks left it, mean, variance, rows, columns, rows of a block, blocks. */
export function combineMoments(task: i32, count: i32, args: usize, _scratch: usize): void {
  const partial = pointerAt(args, 0);
  const mean = pointerAt(args, 1);
  const variance = pointerAt(args, 2);
  const rows = intAt(args, 3);
  const columns = intAt(args, 4);
  const blockRows = intAt(args, 5);
  const blocks = intAt(args, 6);
  const sumBytes = (<usize>paddedColumns(columns)) << 2;
  const vectors = <i32>(sumBytes >> 4);
  const share = f64x2.splat(1 / <f64>rows);
  const end = (<usize>firstOf(task + 1, count, vectors)) << 4;
  for (let at = (<usize>firstOf(task, count, vectors)) << 4; at < end; at += 16) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let block = 0; block < blocks; block += 1) {
      const size = f64x2.splat(<f64>min(blockRows, rows - block * blockRows));
      const x = v128.load(partial + <usize>block * 2 * sumBytes + at);
      low = f64x2.add(low, f64x2.mul(lowDoubles(x), size));
      high = f64x2.add(high, f64x2.mul(highDoubles(x), size));
    }
    const meanLow = f64x2.mul(low, share);
    const meanHigh = f64x2.mul(high, share);
    low = f64x2.splat(0);
    high = f64x2.splat(0);
    for (let block = 0; block < blocks; block += 1) {
      const size = f64x2.splat(<f64>min(blockRows, rows - block * blockRows));
      const from = partial + <usize>block * 2 * sumBytes + at;
      const x = v128.load(from);
      const squares = v128.load(from + sumBytes);
      const stepLow = f64x2.sub(lowDoubles(x), meanLow);
      const stepHigh = f64x2.sub(highDoubles(x), meanHigh);
      low = f64x2.add(low, f64x2.add(lowDoubles(squares), f64x2.mul(size, f64x2.mul(stepLow, stepLow))));
      high = f64x2.add(high, f64x2.add(highDoubles(squares), f64x2.mul(size, f64x2.mul(stepHigh, stepHigh))));
    }
    v128.store(mean + at, floatsOf(meanLow, meanHigh));
    const spread = floatsOf(f64x2.mul(low, share), f64x2.mul(high, share));
    v128.store(variance + at, f32x4.pmax(spread, f32x4.splat(0)));
  }
}
