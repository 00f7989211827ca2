/**
 * @file A dense kernel's gradient x^T dy and its update together, so that the gradient never exists as a whole.
 *
 * The kernel and its slots are larger than any cache: each is read and written once, along its rows. A band of dy's columns is
 * packed so that it stays in the cache while all rows of the part go by.
 */

import { packColumns } from './product';
import { floatAt, firstOf, intAt, pointerAt } from './tasks';
import { packedProduct, TILE_COLUMNS, TILE_ROWS } from './tile';
import { adamRow, sgdRow } from './updates';

/** Columns of a band at most: its rows are long enough to be read ahead, and 8 rows of its gradient stay in the nearest cache. */
const BAND_COLUMNS: i32 = 512;
/** Rows whose gradient is multiplied out before they are updated. */
const BLOCK_ROWS: i32 = 8;

/** Of the thread's working memory. */
const SPARE: usize = 0;
const GRADIENT: usize = 128;
const GRADIENT_ROW_BYTES: usize = 2048;
/** As in job-board.ts. */
const SCRATCH_BYTES: usize = 4194304;
const PACKED: usize = GRADIENT + 16384;

/** Values of x of four rows of the kernel, sample by sample; rows past `rows` repeat the last. */
function packRows(x: usize, rows: i32, batch: i32, sampleBytes: usize, out: usize): void {
  const row1 = (<usize>min(1, rows - 1)) << 2;
  const row2 = (<usize>min(2, rows - 1)) << 2;
  const row3 = (<usize>min(3, rows - 1)) << 2;
  for (let sample = 0; sample < batch; sample += 1) {
    store<f32>(out, load<f32>(x));
    store<f32>(out, load<f32>(x + row1), 4);
    store<f32>(out, load<f32>(x + row2), 8);
    store<f32>(out, load<f32>(x + row3), 12);
    x += sampleBytes;
    out += 16;
  }
}

/**
 * Slots: x, dy, value, slot 1, slot 2 (0 where there is none), batch, depth, first row, rows, columns, then the numbers of the rule.
 */
// @ts-ignore: decorator
@inline function denseUpdate(adam: bool, task: i32, count: i32, args: usize, scratch: usize): void {
  const batch = intAt(args, 5);
  const depth = intAt(args, 6);
  const firstRow = intAt(args, 7);
  const rows = intAt(args, 8);
  const columns = intAt(args, 9);
  const number0 = f32x4.splat(floatAt(args, 10));
  const number1 = f32x4.splat(floatAt(args, 11));
  const number2 = f32x4.splat(adam ? floatAt(args, 12) : 0);
  const number3 = f32x4.splat(adam ? floatAt(args, 13) : 0);
  const start = firstOf(task, count, rows);
  const end = firstOf(task + 1, count, rows);
  const panelBytes = (<usize>batch) << 5;
  const packedX = scratch + PACKED;
  const packedDy = packedX + ((<usize>(batch * BLOCK_ROWS)) << 2);
  const sampleBytes = (<usize>depth) << 2;
  const x = pointerAt(args, 0) + ((<usize>firstRow) << 2);
  const slot1 = pointerAt(args, 3);
  const slot2 = pointerAt(args, 4);
  // A large batch's band is narrower, so that it has room; the caller sees to it that one panel has.
  const room = <i32>((SCRATCH_BYTES - (packedDy - scratch)) / panelBytes) * TILE_COLUMNS;
  const band = min(BAND_COLUMNS, room);
  for (let bandStart = 0; bandStart < columns; bandStart += band) {
    const width = min(band, columns - bandStart);
    packColumns(pointerAt(args, 1) + ((<usize>bandStart) << 2), batch, width, (<usize>columns) << 2, packedDy);
    for (let block = start; block < end; block += BLOCK_ROWS) {
      const height = min(BLOCK_ROWS, end - block);
      for (let row = 0; row < height; row += TILE_ROWS) {
        packRows(x + ((<usize>(block + row)) << 2), height - row, batch, sampleBytes, packedX + (<usize>(batch * row) << 2));
      }
      const gradient = scratch + GRADIENT;
      packedProduct(height, width, batch, packedX, packedDy, panelBytes, gradient, GRADIENT_ROW_BYTES, 0, 0, scratch + SPARE);
      for (let row = 0; row < height; row += 1) {
        const offset = (<usize>(block + row) * <usize>columns + <usize>bandStart) << 2;
        const value = pointerAt(args, 2) + offset;
        const from = gradient + <usize>row * GRADIENT_ROW_BYTES;
        if (adam) adamRow(width, value, from, slot1 + offset, slot2 + offset, number0, number1, number2, number3);
        else sgdRow(width, value, from, slot1 ? slot1 + offset : 0, number0, number1);
      }
    }
  }
}

/** Numbers: rate, 1 - beta1, 1 - beta2, epsilon. */
export function denseAdamUpdate(task: i32, count: i32, args: usize, scratch: usize): void {
  denseUpdate(true, task, count, args, scratch);
}

/** Numbers: rate, momentum. */
export function denseSgdUpdate(task: i32, count: i32, args: usize, scratch: usize): void {
  denseUpdate(false, task, count, args, scratch);
}
