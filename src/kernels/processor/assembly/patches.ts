/**
 * @file The patches of an image as the rows of a matrix that never lies in memory: packed where a product needs them.
 *
 * A row belongs to a point of a grid (image, row, column), a column to a tap of the filter and a channel, in that order. The value is
 * source[image, row * rowStride + rowBase + tap row, column * columnStride + columnBase + tap column, channel], zero
 * outside of the image. A plain matrix is a grid of one line, without strides and with one tap.
 */

import { intAt, pointerAt } from './tasks';
import { turnRows } from './simd';

/** Slots of a kernel that describe the patches, from slot 0 on; the kernel's own follow. */
const SOURCE: i32 = 0;
const GRID_HEIGHT: i32 = 1;
const GRID_WIDTH: i32 = 2;
const SOURCE_HEIGHT: i32 = 3;
const SOURCE_WIDTH: i32 = 4;
const CHANNELS: i32 = 5;
const ROW_STRIDE: i32 = 6;
const COLUMN_STRIDE: i32 = 7;
const ROW_BASE: i32 = 8;
const COLUMN_BASE: i32 = 9;
const TAPS_ACROSS: i32 = 10;
export const PATCH_SLOTS: i32 = 11;

/** Steps of a sum that are packed at a time; a run of zeros has room for as many. */
export const MOST_STEPS: i32 = 256;

/** The grid point that is looked at, and where its patch begins. An instance of the module belongs to one thread, and so do these. */
let gridRow: i32 = 0;
let gridColumn: i32 = 0;
let row: i32 = 0;
let column: i32 = 0;
let origin: usize = 0;

function findPatch(args: usize, point: i32): void {
  const gridWidth = intAt(args, GRID_WIDTH);
  const gridHeight = intAt(args, GRID_HEIGHT);
  const line = point / gridWidth;
  const image = line / gridHeight;
  gridRow = line - image * gridHeight;
  gridColumn = point - line * gridWidth;
  row = gridRow * intAt(args, ROW_STRIDE) + intAt(args, ROW_BASE);
  column = gridColumn * intAt(args, COLUMN_STRIDE) + intAt(args, COLUMN_BASE);
  const pixel = (image * intAt(args, SOURCE_HEIGHT) + row) * intAt(args, SOURCE_WIDTH) + column;
  origin = pointerAt(args, SOURCE) + <usize>pixel * ((<usize>intAt(args, CHANNELS)) << 2);
}

/** From the point before, mostly without a division. */
// @ts-ignore: decorator
@inline function nextPatch(args: usize, point: i32, columnStride: i32, columnBytes: usize): void {
  gridColumn += 1;
  if (gridColumn < intAt(args, GRID_WIDTH)) {
    column += columnStride;
    origin += columnBytes;
  } else findPatch(args, point);
}

// @ts-ignore: decorator
@inline function isInside(place: i32, size: i32): bool {
  return <u32>place < <u32>size;
}

/**
 * Packs the patches of `count` grid points in panels of 4: for each of the columns `from` to `to` the four values. What the
 * last panel has too many repeats the last point.
 * @param zeros MOST_STEPS of them.
 */
export function packPatches(args: usize, first: i32, count: i32, from: i32, to: i32, out: usize, zeros: usize): void {
  const channels = intAt(args, CHANNELS);
  const tapsAcross = intAt(args, TAPS_ACROSS);
  const height = intAt(args, SOURCE_HEIGHT);
  const width = intAt(args, SOURCE_WIDTH);
  const run = tapsAcross * channels;
  // A phase without taps has no columns either.
  const firstTapRow = run > 0 ? from / run : 0;
  const columnStride = intAt(args, COLUMN_STRIDE);
  const columnBytes = (<usize>(columnStride * channels)) << 2;
  const last = first + count - 1;
  findPatch(args, first);
  for (let point = first; point <= last; point += 4) {
    const row0 = row;
    const column0 = column;
    const origin0 = origin;
    if (point + 1 <= last) nextPatch(args, point + 1, columnStride, columnBytes);
    const row1 = row;
    const column1 = column;
    const origin1 = origin;
    if (point + 2 <= last) nextPatch(args, point + 2, columnStride, columnBytes);
    const row2 = row;
    const column2 = column;
    const origin2 = origin;
    if (point + 3 <= last) nextPatch(args, point + 3, columnStride, columnBytes);
    const row3 = row;
    const column3 = column;
    const origin3 = origin;
    const leftmost = min(min(column0, column1), min(column2, column3));
    const rightmost = max(max(column0, column1), max(column2, column3));
    const wholeRuns = leftmost >= 0 && rightmost + tapsAcross <= width;
    let k = from;
    let tapRow = firstTapRow;
    while (k < to) {
      while (k >= (tapRow + 1) * run) tapRow += 1;
      const within = k - tapRow * run;
      const inside0 = isInside(row0 + tapRow, height);
      const inside1 = isInside(row1 + tapRow, height);
      const inside2 = isInside(row2 + tapRow, height);
      const inside3 = isInside(row3 + tapRow, height);
      const offset = (<usize>(tapRow * width * channels + within)) << 2;
      let end = min(to, k - within + run);
      let source0 = origin0 + offset;
      let source1 = origin1 + offset;
      let source2 = origin2 + offset;
      let source3 = origin3 + offset;
      if (!(wholeRuns && inside0 && inside1 && inside2 && inside3)) {
        const tapColumn = within / channels;
        end = min(end, k - within + (tapColumn + 1) * channels);
        if (!inside0 || !isInside(column0 + tapColumn, width)) source0 = zeros;
        if (!inside1 || !isInside(column1 + tapColumn, width)) source1 = zeros;
        if (!inside2 || !isInside(column2 + tapColumn, width)) source2 = zeros;
        if (!inside3 || !isInside(column3 + tapColumn, width)) source3 = zeros;
      }
      turnRows(source0, source1, source2, source3, end - k, out, 16);
      out += (<usize>(end - k)) << 4;
      k = end;
    }
    if (point + 4 <= last) nextPatch(args, point + 4, columnStride, columnBytes);
  }
}

/**
 * Packs the columns `from` to `to` of the patches of `count` grid points in panels of 4 columns: for each point the four
 * values. What the last panel has too many is undefined.
 */
export function packPatchColumns(args: usize, first: i32, count: i32, from: i32, to: i32, out: usize): void {
  const channels = intAt(args, CHANNELS);
  const tapsAcross = intAt(args, TAPS_ACROSS);
  const height = intAt(args, SOURCE_HEIGHT);
  const width = intAt(args, SOURCE_WIDTH);
  const run = tapsAcross * channels;
  const panelBytes = (<usize>count) << 4;
  // A phase without taps has no columns either.
  const firstTapRow = run > 0 ? from / run : 0;
  const columnStride = intAt(args, COLUMN_STRIDE);
  const columnBytes = (<usize>(columnStride * channels)) << 2;
  findPatch(args, first);
  for (let point = first; point < first + count; ) {
    const wholeRuns = column >= 0 && column + tapsAcross <= width;
    let k = from;
    let tapRow = firstTapRow;
    while (k < to) {
      while (k >= (tapRow + 1) * run) tapRow += 1;
      const within = k - tapRow * run;
      let end = min(to, k - within + run);
      let inside = isInside(row + tapRow, height);
      if (inside && !wholeRuns) {
        const tapColumn = within / channels;
        end = min(end, k - within + (tapColumn + 1) * channels);
        inside = isInside(column + tapColumn, width);
      }
      const source = origin + ((<usize>(tapRow * width * channels + within)) << 2);
      if (inside) copyAcross(source, k - from, end - from, out, panelBytes);
      else clearAcross(k - from, end - from, out, panelBytes);
      k = end;
    }
    out += 16;
    point += 1;
    nextPatch(args, point, columnStride, columnBytes);
  }
}

/** Values `from` to `to` of a row to their panels; `out` is the row's place in the first one. */
function copyAcross(source: usize, from: i32, to: i32, out: usize, panelBytes: usize): void {
  let k = from;
  for (; k < to && (k & 3) !== 0; k += 1) {
    store<f32>(out + <usize>(k >> 2) * panelBytes + ((<usize>(k & 3)) << 2), load<f32>(source));
    source += 4;
  }
  let panel = out + <usize>(k >> 2) * panelBytes;
  for (; k + 4 <= to; k += 4) {
    v128.store(panel, v128.load(source));
    panel += panelBytes;
    source += 16;
  }
  for (; k < to; k += 1) {
    store<f32>(panel + ((<usize>(k & 3)) << 2), load<f32>(source));
    source += 4;
  }
}

function clearAcross(from: i32, to: i32, out: usize, panelBytes: usize): void {
  for (let k = from; k < to; k += 1) store<f32>(out + <usize>(k >> 2) * panelBytes + ((<usize>(k & 3)) << 2), 0);
}
