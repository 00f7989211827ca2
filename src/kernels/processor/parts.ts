/** @file Into how many parts work is split: by its size alone, so that results do not depend on the number of threads. */

import { util } from '@tensorflow/tfjs';

/** Elements that one part goes through, so that waking a thread costs less than it saves. */
const PART_ELEMENTS = 16384;
const MOST_PARTS = 64;

/** Parts for a pass over `size` elements. */
export function elementParts(size: number): number {
  return Math.min(Math.max(Math.ceil(size / PART_ELEMENTS), 1), MOST_PARTS);
}

/** Elements of a block of rows that are summed one after the other, and its rows. */
const BLOCK_ELEMENTS = 32768;
const LEAST_BLOCK_ROWS = 16;
const MOST_BLOCK_ROWS = 256;

export interface ColumnBlocks {
  /** All but the last axis. */
  rows: number;
  /** Those that are summed or gone through: the first of the last axis. */
  channels: number;
  /** From one row to the next. */
  rowBytes: number;
  /** Rows of a block that is summed by itself, and how many blocks there are. */
  blockRows: number;
  blocks: number;
  /** Parts of work that goes through the rows. */
  rowParts: number;
  /** Parts of work over the blocks, and of the work that combines what they write. */
  blockParts: number;
  combineParts: number;
  /** Floats of a row of partial sums. */
  padded: number;
}

/**
 * How sums over all axes but the last are split.
 * @param channels of the view: the first channels of `shape`, by default all.
 */
export function columnBlocks(shape: readonly number[], channels = shape[shape.length - 1]): ColumnBlocks {
  const wide = shape[shape.length - 1];
  const rows = util.sizeFromShape(shape.slice(0, -1));
  const wanted = Math.ceil(BLOCK_ELEMENTS / channels);
  const blockRows = Math.min(Math.max(wanted, LEAST_BLOCK_ROWS), MOST_BLOCK_ROWS);
  const blocks = Math.ceil(rows / blockRows);
  const padded = 4 * Math.ceil(channels / 4);
  return {
    rows,
    channels,
    rowBytes: 4 * wide,
    blockRows,
    blocks,
    rowParts: Math.min(rows, elementParts(rows * channels)),
    blockParts: Math.min(blocks, elementParts(rows * channels)),
    combineParts: Math.min(Math.ceil(channels / 16), elementParts(blocks * channels)),
    padded,
  };
}
