/** @file A tensor kept in parts along its first axis: see architectures/part-rows.ts. */

import * as tf from '@tensorflow/tfjs';
import { PART_BYTES, rowsOfParts } from '../architectures/part-rows';

export interface SplitTensor {
  /** Of the whole. */
  shape: number[];
  /** The rows in order; a single part has the whole's shape. */
  parts: tf.Tensor[];
}

/** @param make gives the tensor of one part's shape, which belongs to the split tensor from then on. */
export function makeParts(
  shape: number[],
  make: (partShape: number[]) => tf.Tensor,
  partBytes = PART_BYTES,
): SplitTensor {
  const rows = rowsOfParts(shape, partBytes);
  return { shape, parts: rows.map((count) => tf.keep(make([count, ...shape.slice(1)]))) };
}

export function disposeParts({ parts }: SplitTensor): void {
  for (const part of parts) part.dispose();
}
