/** @file Into how many parts work is split: by its size alone, so that results do not depend on the number of threads. */

/** Elements that one part goes through, so that waking a thread costs less than it saves. */
const PART_ELEMENTS = 16384;
const MOST_PARTS = 64;

/** Parts for a pass over `size` elements. */
export function elementParts(size: number): number {
  return Math.min(Math.max(Math.ceil(size / PART_ELEMENTS), 1), MOST_PARTS);
}
