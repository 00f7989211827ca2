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
