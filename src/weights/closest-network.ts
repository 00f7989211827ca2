/** @file Which network a dropped weights file is most likely meant for. */

import type { WeightSpec } from '../domain/architecture';
import { alignLayers, outlineLayers } from './align-layers';
import type { KerasWeightsFile } from './keras-file';

/**
 * The candidate with the largest share of its layers in the file, or null when the file has no layer of any. It need not
 * fit: `matchWeights` tells what is wrong with it.
 */
export function closestNetwork<Id>(
  file: KerasWeightsFile,
  candidates: ReadonlyMap<Id, readonly WeightSpec[]>,
): Id | null {
  let closest: Id | null = null;
  let largestShare = 0;
  for (const [id, specs] of candidates) {
    const ours = outlineLayers(specs);
    const share = alignLayers(ours, file).size / ours.length;
    if (share > largestShare) {
      closest = id;
      largestShare = share;
    }
  }
  return closest;
}
