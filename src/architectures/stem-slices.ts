/**
 * @file How many images at a time go through the stem, the frozen layers that only run forward.
 *
 * Nothing of the stem is kept, but its outputs are the largest there are (VGG16 at 224 pixels: 12.8 MB per image and layer);
 * a few images at a time need less memory, and fit into one binding of WebGPU's default limits.
 */

import { sizeOf } from '../domain/architecture';
import { PART_BYTES } from './part-rows';
import { type PassSchedule, usesBatchStatistics } from './pass-schedule';

/**
 * The images of each slice of a batch, equal where that is possible, so that no output of the stem passes `limitBytes`. One
 * slice where the whole batch fits, or where a BatchNorm of the stem takes its statistics from the whole batch.
 */
export function stemSlices({ stem, mode }: PassSchedule, batch: number, limitBytes = PART_BYTES): number[] {
  if (stem.some(({ node }) => usesBatchStatistics(mode, node))) return [batch];
  const most = Math.max(1, Math.floor(limitBytes / Math.max(1, ...stem.map((step) => 4 * sizeOf(step.storedShape)))));
  const size = most >= batch ? batch : sliceSize(batch, most);
  return Array.from({ length: Math.ceil(batch / size) }, (_, index) => Math.min(size, batch - index * size));
}

/** The largest divisor of the batch in the upper half of what fits, else what fits. */
function sliceSize(batch: number, most: number): number {
  for (let size = most; size > most / 2; size -= 1) if (batch % size === 0) return size;
  return most;
}
