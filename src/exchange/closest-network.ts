/** @file Which network a dropped weights file is most likely meant for. */

import type { WeightSpec } from '../domain/architecture';
import { alignByName, outlineLayers } from './align-layers';
import type { KerasWeightsFile } from './keras-file';

/**
 * The candidate that has most in common with the file: the sum of two Dice coefficients, of layers paired by name and of
 * layers paired by shape. Renamed layers keep their shapes. The candidate need not fit: `matchWeights` says what is wrong.
 * @returns null when the file has no layer of any candidate
 */
export function closestNetwork<Id>(
  file: KerasWeightsFile,
  candidates: ReadonlyMap<Id, readonly WeightSpec[]>,
): Id | null {
  const theirs = file.layers.filter(({ weights }) => weights.length > 0);
  const theirShapes = countShapes(theirs);
  let closest: Id | null = null;
  let largestShare = 0;
  for (const [id, specs] of candidates) {
    const ours = outlineLayers(specs);
    const alike = [...countShapes(ours)].map(([shape, count]) => Math.min(count, theirShapes.get(shape) ?? 0));
    const partners = alignByName(ours, file).size + alike.reduce((sum, count) => sum + count, 0);
    const share = (2 * partners) / (ours.length + theirs.length);
    if (share > largestShare) {
      closest = id;
      largestShare = share;
    }
  }
  return closest;
}

/** How many layers have kernels of each shape, or vectors of each length; how many channels they read is left out. */
function countShapes(layers: readonly { weights: readonly { shape: readonly number[] }[] }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { weights } of layers) {
    const shapes = weights.map(({ shape }) => shape);
    const kernel = shapes.find(({ length }) => length === 4);
    const key = String(kernel ? kernel.toSpliced(2, 1) : shapes[0]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
