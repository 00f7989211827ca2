/**
 * @file Products: patches of an image (or the rows of a matrix) times a packed matrix, and their transpose times another,
 * which sums over the grid's points. Convolutions, their gradients and dense products are these two.
 */

import { MOST_STEPS, PATCH_SLOTS, packPatchColumns, packPatches } from './patches';
import { turnRows } from './simd';
import { firstOf, intAt, pointerAt } from './tasks';
import { ACCUMULATE, BIAS, finishRow, packedProduct, RELU, TILE_COLUMNS, TILE_ROWS, tileSums } from './tile';

/** Rows that are packed at a time: with MOST_STEPS, they stay in the second-level cache. */
const MOST_ROWS: i32 = 96;

/** A thread's working memory: zeros, a tile at an edge, packed rows, packed columns. */
const SPARE: usize = (<usize>MOST_STEPS) << 2;
const ROWS: usize = SPARE + 128;
const COLUMNS: usize = ROWS + (<usize>(MOST_ROWS * MOST_STEPS) << 2);

/** The first of `size` items of part `part`, whole blocks of `block` to each part. */
// @ts-ignore: decorator
@inline function firstBlockOf(part: i32, parts: i32, size: i32, block: i32): i32 {
  return min(size, firstOf(part, parts, (size + block - 1) / block) * block);
}

/** Where steps `block` of `blocks` begin. */
// @ts-ignore: decorator
@inline function firstStepOf(block: i32, blocks: i32, steps: i32): i32 {
  return block === blocks ? steps : firstOf(block, blocks, steps) & ~3;
}

// @ts-ignore: decorator
@inline function blocksOf(size: i32, most: i32): i32 {
  return (size + most - 4) / (most - 3);
}

/**
 * result[points, columns] = patches times packed columns, plus bias, perhaps through ReLU.
 * Slots: the patches; packed, result, bias (0 for none), RELU or 0, points, columns, steps, columns of the whole result, the
 * first column there, row parts, column parts; scatter (1: the grid's points lie apart in the result), result height,
 * result width, first row, row step, first column, column step.
 */
export function patchProduct(task: i32, _count: i32, args: usize, scratch: usize): void {
  const packed = pointerAt(args, PATCH_SLOTS);
  const result = pointerAt(args, PATCH_SLOTS + 1);
  const bias = pointerAt(args, PATCH_SLOTS + 2);
  const relu = intAt(args, PATCH_SLOTS + 3);
  const points = intAt(args, PATCH_SLOTS + 4);
  const columns = intAt(args, PATCH_SLOTS + 5);
  const steps = intAt(args, PATCH_SLOTS + 6);
  const rowBytes = (<usize>intAt(args, PATCH_SLOTS + 7)) << 2;
  const columnBytes = (<usize>intAt(args, PATCH_SLOTS + 8)) << 2;
  const rowParts = intAt(args, PATCH_SLOTS + 9);
  const columnParts = intAt(args, PATCH_SLOTS + 10);
  const scatter = intAt(args, PATCH_SLOTS + 11);

  const columnPart = task / rowParts;
  const rowPart = task - columnPart * rowParts;
  const fromRow = firstBlockOf(rowPart, rowParts, points, TILE_ROWS);
  const toRow = firstBlockOf(rowPart + 1, rowParts, points, TILE_ROWS);
  const fromColumn = firstBlockOf(columnPart, columnParts, columns, TILE_COLUMNS);
  const toColumn = firstBlockOf(columnPart + 1, columnParts, columns, TILE_COLUMNS);
  // A sum of nothing is 0, and has to be written too.
  const stepBlocks = max(1, blocksOf(steps, MOST_STEPS));
  const panelBytes = (<usize>steps) << 5;
  const panels = packed + <usize>(fromColumn >> 3) * panelBytes;
  const place = columnBytes + ((<usize>fromColumn) << 2);
  memory.fill(scratch, 0, SPARE);

  for (let row = fromRow; row < toRow; row += MOST_ROWS) {
    const rows = min(MOST_ROWS, toRow - row);
    for (let block = 0; block < stepBlocks; block += 1) {
      const from = firstStepOf(block, stepBlocks, steps);
      const to = firstStepOf(block + 1, stepBlocks, steps);
      let finish = block > 0 ? ACCUMULATE : 0;
      if (block === stepBlocks - 1) finish |= relu | (bias ? BIAS : 0);
      packPatches(args, row, rows, from, to, scratch + ROWS, scratch);
      const b = panels + ((<usize>from) << 5);
      const biasHere = bias + place;
      if (scatter) {
        scatteredProduct(args, row, rows, toColumn - fromColumn, to - from, scratch, b, panelBytes, result + place, finish, biasHere);
      } else {
        const c = result + <usize>row * rowBytes + place;
        packedProduct(rows, toColumn - fromColumn, to - from, scratch + ROWS, b, panelBytes, c, rowBytes, finish, biasHere, scratch + SPARE);
      }
    }
  }
}

/** As `packedProduct`, where neighbours on the grid are no neighbours in the result. */
function scatteredProduct(
  args: usize,
  first: i32,
  rows: i32,
  columns: i32,
  steps: i32,
  scratch: usize,
  b: usize,
  bStride: usize,
  result: usize,
  finish: i32,
  bias: usize,
): void {
  const gridHeight = intAt(args, 1);
  const gridWidth = intAt(args, 2);
  const rowBytes = (<usize>intAt(args, PATCH_SLOTS + 7)) << 2;
  const height = intAt(args, PATCH_SLOTS + 12);
  const width = intAt(args, PATCH_SLOTS + 13);
  const firstRow = intAt(args, PATCH_SLOTS + 14);
  const rowStep = intAt(args, PATCH_SLOTS + 15);
  const firstColumn = intAt(args, PATCH_SLOTS + 16);
  const columnStep = intAt(args, PATCH_SLOTS + 17);
  const sums = scratch + SPARE;
  for (let column = 0; column < columns; column += TILE_COLUMNS) {
    const across = min(TILE_COLUMNS, columns - column);
    const offset = (<usize>column) << 2;
    let a = scratch + ROWS;
    for (let row = 0; row < rows; row += 1) {
      if ((row & 3) === 0) {
        tileSums(steps, a, b, sums);
        a += (<usize>steps) << 4;
      }
      const point = first + row;
      const line = point / gridWidth;
      const image = line / gridHeight;
      const pixelRow = image * height + (line - image * gridHeight) * rowStep + firstRow;
      const pixel = pixelRow * width + (point - line * gridWidth) * columnStep + firstColumn;
      finishRow(sums + ((<usize>(row & 3)) << 5), result + <usize>pixel * rowBytes + offset, across, finish, bias + offset);
    }
    b += bStride;
  }
}

/**
 * result[steps, columns] = transposed patches times other[points, columns]: sums over the points of the grid.
 * Slots: the patches; other, partial results, points, columns, steps, row parts, column parts, point parts. Each of the
 * point parts has a whole result of its own; they lie one after the other.
 */
export function patchReduction(task: i32, _count: i32, args: usize, scratch: usize): void {
  const other = pointerAt(args, PATCH_SLOTS);
  const points = intAt(args, PATCH_SLOTS + 2);
  const columns = intAt(args, PATCH_SLOTS + 3);
  const steps = intAt(args, PATCH_SLOTS + 4);
  const rowParts = intAt(args, PATCH_SLOTS + 5);
  const columnParts = intAt(args, PATCH_SLOTS + 6);
  const pointParts = intAt(args, PATCH_SLOTS + 7);
  const rowBytes = (<usize>columns) << 2;

  const pointPart = task % pointParts;
  const rest = task / pointParts;
  const rowPart = rest % rowParts;
  const columnPart = rest / rowParts;
  const fromRow = firstBlockOf(rowPart, rowParts, steps, TILE_ROWS);
  const toRow = firstBlockOf(rowPart + 1, rowParts, steps, TILE_ROWS);
  const fromColumn = firstBlockOf(columnPart, columnParts, columns, TILE_COLUMNS);
  const toColumn = firstBlockOf(columnPart + 1, columnParts, columns, TILE_COLUMNS);
  const fromPoint = firstOf(pointPart, pointParts, points);
  const toPoint = firstOf(pointPart + 1, pointParts, points);
  const across = toColumn - fromColumn;
  const columnBytes = (<usize>fromColumn) << 2;
  const result = pointerAt(args, PATCH_SLOTS + 1) + <usize>pointPart * <usize>steps * rowBytes + columnBytes;
  const blocks = blocksOf(toPoint - fromPoint, MOST_STEPS);

  for (let block = 0; block < blocks; block += 1) {
    const from = fromPoint + firstStepOf(block, blocks, toPoint - fromPoint);
    const to = fromPoint + firstStepOf(block + 1, blocks, toPoint - fromPoint);
    const length = to - from;
    const finish = block > 0 ? ACCUMULATE : 0;
    packColumns(other + <usize>from * rowBytes + columnBytes, length, across, rowBytes, scratch + COLUMNS);
    for (let row = fromRow; row < toRow; row += MOST_ROWS) {
      const rows = min(MOST_ROWS, toRow - row);
      packPatchColumns(args, from, length, row, row + rows, scratch + ROWS);
      const c = result + <usize>row * rowBytes;
      const panelBytes = (<usize>length) << 5;
      packedProduct(rows, across, length, scratch + ROWS, scratch + COLUMNS, panelBytes, c, rowBytes, finish, 0, scratch + SPARE);
    }
  }
}

/** Packs `columns` of a matrix of `length` rows in panels of 8 columns. What the last panel has too many is undefined. */
export function packColumns(source: usize, length: i32, columns: i32, rowBytes: usize, out: usize): void {
  const panelBytes = (<usize>length) << 5;
  for (let k = 0; k < length; k += 1) {
    let from = source;
    let into = out;
    let left = columns;
    for (; left >= 8; left -= 8) {
      v128.store(into, v128.load(from));
      v128.store(into, v128.load(from, 16), 16);
      from += 32;
      into += panelBytes;
    }
    for (; left > 0; left -= 1) {
      store<f32>(into, load<f32>(from));
      from += 4;
      into += 4;
    }
    source += rowBytes;
    out += 32;
  }
}

/**
 * Packs columns of a matrix for `patchProduct`.
 * Slots: matrix, packed, rows, columns of the whole matrix, the first column, how many columns.
 */
export function packMatrix(task: i32, count: i32, args: usize, _scratch: usize): void {
  const rows = intAt(args, 2);
  const rowBytes = (<usize>intAt(args, 3)) << 2;
  const columns = intAt(args, 5);
  const from = firstBlockOf(task, count, columns, TILE_COLUMNS);
  const to = firstBlockOf(task + 1, count, columns, TILE_COLUMNS);
  const source = pointerAt(args, 0) + ((<usize>(intAt(args, 4) + from)) << 2);
  packColumns(source, rows, to - from, rowBytes, pointerAt(args, 1) + <usize>(from >> 3) * ((<usize>rows) << 5));
}

/**
 * Packs the taps of a filter [height, width, columns, depth], each transposed, for `patchProduct`: the steps are (tap, depth),
 * the taps from the last to the first. A transposed matrix is a filter of one tap.
 * Slots: filter, packed, taps down, taps across, depth, columns of the whole filter, the first column, how many columns, filter width,
 * first tap row, tap row step, first tap column, tap column step.
 */
export function packTurned(task: i32, count: i32, args: usize, _scratch: usize): void {
  const tapsDown = intAt(args, 2);
  const tapsAcross = intAt(args, 3);
  const depth = intAt(args, 4);
  const allColumns = intAt(args, 5);
  const firstColumn = intAt(args, 6);
  const columns = intAt(args, 7);
  const filterWidth = intAt(args, 8);
  const from = firstBlockOf(task, count, columns, TILE_COLUMNS);
  const to = firstBlockOf(task + 1, count, columns, TILE_COLUMNS);
  const depthBytes = (<usize>depth) << 2;
  let out = pointerAt(args, 1) + <usize>(from >> 3) * <usize>(tapsDown * tapsAcross) * (depthBytes << 3);
  for (let column = from; column < to; column += TILE_COLUMNS) {
    for (let tap = tapsDown * tapsAcross - 1; tap >= 0; tap -= 1) {
      const tapRow = (tap / tapsAcross) * intAt(args, 10) + intAt(args, 9);
      const tapColumn = (tap % tapsAcross) * intAt(args, 12) + intAt(args, 11);
      const slab = pointerAt(args, 0) + <usize>((tapRow * filterWidth + tapColumn) * allColumns + firstColumn) * depthBytes;
      for (let half = 0; half < TILE_COLUMNS; half += 4) {
        const row0 = slab + <usize>min(column + half, to - 1) * depthBytes;
        const row1 = slab + <usize>min(column + half + 1, to - 1) * depthBytes;
        const row2 = slab + <usize>min(column + half + 2, to - 1) * depthBytes;
        const row3 = slab + <usize>min(column + half + 3, to - 1) * depthBytes;
        turnRows(row0, row1, row2, row3, depth, out + ((<usize>half) << 2), 32);
      }
      out += depthBytes << 3;
    }
  }
}

/**
 * out = the sum of arrays [rows, columns] that lie one after the other, in this order, plus bias, perhaps through ReLU.
 * Slots: arrays, out, rows, columns, how many arrays, bias (0 for none), RELU or 0.
 */
export function sumArrays(task: i32, count: i32, args: usize, _scratch: usize): void {
  const columns = intAt(args, 3);
  const size = intAt(args, 2) * columns;
  const arrays = intAt(args, 4);
  const bias = pointerAt(args, 5);
  const finish = intAt(args, 6) | (bias ? BIAS : 0);
  const from = firstBlockOf(task, count, size, 4);
  const to = firstBlockOf(task + 1, count, size, 4);
  const bytes = (<usize>size) << 2;
  let source = pointerAt(args, 0) + ((<usize>from) << 2);
  const out = pointerAt(args, 1) + ((<usize>from) << 2);
  let into = out;
  let left = to - from;
  for (; left >= 4; left -= 4) {
    let sum = v128.load(source);
    for (let i = 1, at = source + bytes; i < arrays; i += 1, at += bytes) sum = f32x4.add(sum, v128.load(at));
    v128.store(into, sum);
    source += 16;
    into += 16;
  }
  for (; left > 0; left -= 1) {
    let sum = load<f32>(source);
    for (let i = 1, at = source + bytes; i < arrays; i += 1, at += bytes) sum += load<f32>(at);
    store<f32>(into, sum);
    source += 4;
    into += 4;
  }
  if (!finish) return;
  for (let i = from; i < to; i += 1) {
    const at = out + ((<usize>(i - from)) << 2);
    finishRow(at, at, 1, finish, bias + ((<usize>(i % columns)) << 2));
  }
}
