/** @file One image, one network: probabilities and the heatmap at the size of the network's input. */

import type * as tf from '@tensorflow/tfjs';
import type { Explanation } from '../domain/protocol';
import type { Network } from '../networks/network';
import { gradCam } from './grad-cam';
import { resizeMap } from './resize-map';

/**
 * @param x `[1, size, size, 3]`, 0..1, stays the caller's.
 * @param classIndex null: the network's own top class.
 */
export async function explainImage(
  network: Network,
  x: tf.Tensor4D,
  classIndex: number | null,
): Promise<Pick<Explanation, 'probabilities' | 'classIndex' | 'layer' | 'layerNote' | 'heatmap'>> {
  const { probabilities, classIndex: chosen, featureMap, map } = await gradCam(network, x, classIndex);
  const { name, height, width, note } = featureMap;
  const size = x.shape[1];
  return {
    probabilities,
    classIndex: chosen,
    layer: { name, height, width },
    layerNote: note,
    heatmap: map && { data: resizeMap(map, height, width, size), size },
  };
}
