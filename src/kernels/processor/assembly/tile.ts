/**
 * @file The innermost loop of every product: a tile of 4 x 8 results in eight registers, summed over packed operands.
 *
 * `a` holds the 4 values of each step one after the other, `b` the 8. Larger tiles do not fit the 16 registers of x64, and
 * a loop that does several steps at a time runs slower: engines then move the loads ahead and run out of registers.
 */

import { madd, positive } from './simd';

/** What a tile does with its sums: adds them to what is there, adds the bias, leaves out what is negative. */
export const ACCUMULATE: i32 = 1;
export const BIAS: i32 = 2;
export const RELU: i32 = 4;

export const TILE_ROWS: i32 = 4;
export const TILE_COLUMNS: i32 = 8;
/** Of a tile by itself. */
const TILE_ROW_BYTES: usize = 32;

/**
 * @param steps length of the sums.
 * @param c the first result; `rowBytes` from one row to the next.
 * @param bias of the first column.
 */
function wholeTile(steps: i32, a: usize, b: usize, c: usize, rowBytes: usize, finish: i32, bias: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  for (const end = a + ((<usize>steps) << 4); a < end; a += 16) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    b += 32;
  }
  const row1 = c + rowBytes;
  const row2 = row1 + rowBytes;
  const row3 = row2 + rowBytes;
  if (finish & ACCUMULATE) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(row1));
    c11 = f32x4.add(c11, v128.load(row1, 16));
    c20 = f32x4.add(c20, v128.load(row2));
    c21 = f32x4.add(c21, v128.load(row2, 16));
    c30 = f32x4.add(c30, v128.load(row3));
    c31 = f32x4.add(c31, v128.load(row3, 16));
  }
  if (finish & BIAS) {
    const bias0 = v128.load(bias);
    const bias1 = v128.load(bias, 16);
    c00 = f32x4.add(c00, bias0);
    c01 = f32x4.add(c01, bias1);
    c10 = f32x4.add(c10, bias0);
    c11 = f32x4.add(c11, bias1);
    c20 = f32x4.add(c20, bias0);
    c21 = f32x4.add(c21, bias1);
    c30 = f32x4.add(c30, bias0);
    c31 = f32x4.add(c31, bias1);
  }
  if (finish & RELU) {
    c00 = positive(c00);
    c01 = positive(c01);
    c10 = positive(c10);
    c11 = positive(c11);
    c20 = positive(c20);
    c21 = positive(c21);
    c30 = positive(c30);
    c31 = positive(c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(row1, c10);
  v128.store(row1, c11, 16);
  v128.store(row2, c20);
  v128.store(row2, c21, 16);
  v128.store(row3, c30);
  v128.store(row3, c31, 16);
}

/** One row of `columns` sums to its place. */
export function finishRow(sums: usize, c: usize, columns: i32, finish: i32, bias: usize): void {
  for (const end = c + ((<usize>columns) << 2); c < end; c += 4) {
    let sum = load<f32>(sums);
    if (finish & ACCUMULATE) sum += load<f32>(c);
    if (finish & BIAS) sum += load<f32>(bias);
    if (finish & RELU) sum = sum < 0 ? 0 : sum;
    store<f32>(c, sum);
    sums += 4;
    bias += 4;
  }
}

/** A tile's bare sums, 4 rows of 8, to `sums`. */
export function tileSums(steps: i32, a: usize, b: usize, sums: usize): void {
  wholeTile(steps, a, b, sums, TILE_ROW_BYTES, 0, 0);
}

/**
 * Products of packed rows with packed columns: `a` in panels of 4 rows, `b` in panels of 8 columns.
 * @param bStride bytes from one panel of `b` to the next; those of `a` follow each other.
 * @param c place of the first result.
 * @param spare 128 bytes for tiles at the edges.
 */
export function packedProduct(
  rows: i32,
  columns: i32,
  steps: i32,
  a: usize,
  b: usize,
  bStride: usize,
  c: usize,
  rowBytes: usize,
  finish: i32,
  bias: usize,
  spare: usize,
): void {
  const aStride = (<usize>steps) << 4;
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const width = min(TILE_COLUMNS, columns - column);
    let panel = a;
    let into = c;
    for (let row = 0; row < rows; row += TILE_ROWS) {
      const height = min(TILE_ROWS, rows - row);
      if (width === TILE_COLUMNS && height === TILE_ROWS) wholeTile(steps, panel, b, into, rowBytes, finish, bias);
      else {
        tileSums(steps, panel, b, spare);
        for (let i = 0; i < height; i += 1) {
          finishRow(spare + <usize>i * TILE_ROW_BYTES, into + <usize>i * rowBytes, width, finish, bias);
        }
      }
      panel += aStride;
      into += rowBytes << 2;
    }
    b += bStride;
    c += TILE_ROW_BYTES;
    bias += TILE_ROW_BYTES;
  }
}
