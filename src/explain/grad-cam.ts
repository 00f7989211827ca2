/**
 * @file Grad-CAM as the notebook draws it.
 *
 * Selvaraju et al. (2017), https://arxiv.org/abs/1610.02391: the spatial mean of the gradient as a weight per channel, the
 * weighted sum of the channels, ReLU.
 */

import type { Evidence } from './evidence';

/** @returns the unscaled map `[height, width]` of the feature map, row-major, no value below zero. */
export function gradCam({ featureMap, features, gradient }: Evidence): Float32Array<ArrayBuffer> {
  const places = featureMap.height * featureMap.width;
  const channels = features.length / places;
  const weights = new Float64Array(channels);
  for (let i = 0; i < gradient.length; i += 1) weights[i % channels] += gradient[i] / places;
  return Float32Array.from({ length: places }, (_, place) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += weights[channel] * features[place * channels + channel];
    }
    return Math.max(sum, 0);
  });
}
