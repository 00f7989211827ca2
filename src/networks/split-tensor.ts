/** @file A tensor kept in parts along its first axis: see architectures/part-rows.ts. */

import * as tf from '@tensorflow/tfjs';
import { PART_BYTES, rowsOfParts } from '../architectures/part-rows';

export interface SplitTensor {
  /** Shape of the whole tensor. */
  shape: number[];
  /** The rows in order; a single part has the whole's shape. */
  parts: tf.Tensor[];
}

/** @param make returns a tensor of one part's shape; the split tensor owns it. */
export function makeParts(
  shape: number[],
  make: (partShape: number[]) => tf.Tensor,
  partBytes = PART_BYTES,
): SplitTensor {
  const rows = rowsOfParts(shape, partBytes);
  return { shape, parts: rows.map((count) => tf.keep(make([count, ...shape.slice(1)]))) };
}

/** Frees all parts. */
export function disposeParts({ parts }: SplitTensor): void {
  for (const part of parts) part.dispose();
}
