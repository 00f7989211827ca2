/** @file Which network a dropped weights file is most likely meant for. */

import type { WeightSpec } from '../domain/architecture';
import { alignLayers, outlineLayers } from './align-layers';
import type { KerasWeightsFile } from './keras-file';

/**
 * The candidate that has most in common with the file: the share of layers, its own and the file's, that found a partner
 * (Dice's coefficient). Null when the file has no layer of any. It need not fit: `matchWeights` tells what is wrong.
 */
export function closestNetwork<Id>(
  file: KerasWeightsFile,
  candidates: ReadonlyMap<Id, readonly WeightSpec[]>,
): Id | null {
  const theirCount = file.layers.filter(({ weights }) => weights.length > 0).length;
  let closest: Id | null = null;
  let largestShare = 0;
  for (const [id, specs] of candidates) {
    const ours = outlineLayers(specs);
    const share = (2 * alignLayers(ours, file).size) / (ours.length + theirCount);
    if (share > largestShare) {
      closest = id;
      largestShare = share;
    }
  }
  return closest;
}
