/**
 * @file Sums over the rows of a matrix whose columns are channels: blocks of rows write partial sums side by side, which are
 * then combined in their order, in float64.
 */

import { firstOf, intAt, pointerAt } from './tasks';

/** Floats of a row of partial sums: whole registers. */
// @ts-ignore: decorator
@inline export function paddedColumns(columns: i32): i32 {
  return (columns + 3) & -4;
}

/** Bytes of whole registers in a row of floats; the rest are columns of their own. */
// @ts-ignore: decorator
@inline export function vectorBytes(columns: i32): usize {
  return (<usize>(columns >> 2)) << 4;
}

/** The first two floats as float64. */
// @ts-ignore: decorator
@inline export function lowDoubles(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The last two. */
// @ts-ignore: decorator
@inline export function highDoubles(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

/** Four floats out of two times two float64. */
// @ts-ignore: decorator
@inline export function floatsOf(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** result [columns] = the sum of the rows of partial. Slots: partial, bytes from row to row, rows, columns, result. */
export function sumRows(task: i32, count: i32, args: usize, _scratch: usize): void {
  const partial = pointerAt(args, 0);
  const rowBytes = pointerAt(args, 1);
  const rows = intAt(args, 2);
  const vectors = paddedColumns(intAt(args, 3)) >> 2;
  const result = pointerAt(args, 4);
  const end = (<usize>firstOf(task + 1, count, vectors)) << 4;
  for (let at = (<usize>firstOf(task, count, vectors)) << 4; at < end; at += 16) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let from = partial + at;
    for (let row = 0; row < rows; row += 1) {
      const x = v128.load(from);
      low = f64x2.add(low, lowDoubles(x));
      high = f64x2.add(high, highDoubles(x));
      from += rowBytes;
    }
    v128.store(result + at, floatsOf(low, high));
  }
}

/** The sum of each block of rows. Slots: x, partial [blocks, padded columns], rows, columns, rows of a block, blocks. */
export function sumBlocks(task: i32, count: i32, args: usize, _scratch: usize): void {
  const x = pointerAt(args, 0);
  const partial = pointerAt(args, 1);
  const rows = intAt(args, 2);
  const columns = intAt(args, 3);
  const rowBytes = (<usize>columns) << 2;
  const blockRows = intAt(args, 4);
  const blocks = intAt(args, 5);
  const sumBytes = (<usize>paddedColumns(columns)) << 2;
  for (let block = firstOf(task, count, blocks), end = firstOf(task + 1, count, blocks); block < end; block += 1) {
    const sums = partial + <usize>block * sumBytes;
    memory.fill(sums, 0, sumBytes);
    const first = block * blockRows;
    let row = x + <usize>first * rowBytes;
    let left = min(blockRows, rows - first);
    for (; left >= 4; left -= 4) {
      addFour(row, columns, sums);
      row += 4 * rowBytes;
    }
    for (; left > 0; left -= 1) {
      for (let at: usize = 0; at < rowBytes; at += 4) store<f32>(sums + at, load<f32>(sums + at) + load<f32>(row + at));
      row += rowBytes;
    }
  }
}

/** Adds four rows to `sums`. */
function addFour(row: usize, columns: i32, sums: usize): void {
  const rowBytes = (<usize>columns) << 2;
  const row1 = row + rowBytes;
  const row2 = row1 + rowBytes;
  const row3 = row2 + rowBytes;
  const end = vectorBytes(columns);
  let at: usize = 0;
  for (; at < end; at += 16) {
    const low = f32x4.add(v128.load(row + at), v128.load(row1 + at));
    const high = f32x4.add(v128.load(row2 + at), v128.load(row3 + at));
    v128.store(sums + at, f32x4.add(v128.load(sums + at), f32x4.add(low, high)));
  }
  for (; at < rowBytes; at += 4) {
    const low = load<f32>(row + at) + load<f32>(row1 + at);
    const high = load<f32>(row2 + at) + load<f32>(row3 + at);
    store<f32>(sums + at, load<f32>(sums + at) + (low + high));
  }
}
