/** @file Into how many parts products are split: by their shapes alone. */

/** As in assembly/tile.ts and assembly/product.ts. */
export const TILE_ROWS = 4;
export const TILE_COLUMNS = 8;
const MOST_ROWS = 96;
/** Parts of rows at most: a job has room for twice as many. */
const MOST_ROW_PARTS = 2 ** 15;

/** Multiplications of a part at least; fewer are done sooner than another thread wakes. */
const LEAST_WORK = 2 ** 18;
/** Enough that many threads end at about the same time. */
const ENOUGH_PARTS = 16;
/** A part's columns at most, when the columns of a long sum are packed into a thread's working memory. */
const MOST_COLUMNS = 512;
/** Points that a part of a reduction sums at least, and the bytes of all partial results at most. */
const LEAST_POINTS = 1024;
const PARTIAL_BYTES = 16 * 2 ** 20;

/** Rows at most and elements of the matrix at least, for a product that reads its matrix in order; steps at least, of a part and in all. */
const STREAMED_ROWS = 24;
const STREAMED_SIZE = 2 ** 16;
const LEAST_STREAMED_STEPS = 64;

/** Parts of a product [rows, steps] x [steps, columns]. */
export function productParts(rows: number, columns: number, steps: number): { rowParts: number; columnParts: number } {
  const most = Math.max(1, Math.floor((rows * columns * steps) / LEAST_WORK));
  const wanted = Math.max(Math.ceil(rows / MOST_ROWS), Math.min(ENOUGH_PARTS, Math.ceil(rows / (4 * TILE_ROWS))));
  const rowParts = Math.min(most, wanted, MOST_ROW_PARTS);
  const columnsEnough = Math.ceil(ENOUGH_PARTS / rowParts);
  const columnParts = Math.min(Math.floor(most / rowParts), columnsEnough, Math.ceil(columns / (4 * TILE_COLUMNS)));
  return { rowParts, columnParts: Math.max(1, columnParts) };
}

/** Parts of a reduction [rows, columns] that sums over `points`. */
export function reductionParts(
  rows: number,
  columns: number,
  points: number,
): { rowParts: number; columnParts: number; pointParts: number } {
  const most = Math.max(1, Math.floor((rows * columns * points) / LEAST_WORK));
  const room = Math.max(1, Math.floor(PARTIAL_BYTES / (4 * rows * columns)));
  const pointParts = Math.min(most, ENOUGH_PARTS, room, Math.max(1, Math.floor(points / LEAST_POINTS)));
  const columnParts = Math.ceil(columns / MOST_COLUMNS);
  const rowsEnough = Math.ceil(ENOUGH_PARTS / (pointParts * columnParts));
  const rowParts = Math.min(Math.ceil(most / pointParts), rowsEnough, Math.ceil(rows / (8 * TILE_ROWS)));
  return { rowParts: Math.max(1, rowParts), columnParts, pointParts };
}

/** Whether a matrix [steps, columns] of a product is so much larger than its other operand that packing it does not pay. */
export function isStreamed(rows: number, columns: number, steps: number): boolean {
  return rows <= STREAMED_ROWS && steps >= LEAST_STREAMED_STEPS && columns * steps >= STREAMED_SIZE;
}

/** Parts of a product of a few rows that reads its matrix in order: shares of its rows, each with a whole result of its own. */
export function streamParts(rows: number, columns: number, steps: number): number {
  const room = Math.max(1, Math.floor(PARTIAL_BYTES / (4 * rows * columns)));
  return Math.min(room, 2 * ENOUGH_PARTS, Math.ceil(steps / LEAST_STREAMED_STEPS));
}
