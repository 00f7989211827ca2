/** @file Inference BatchNorm folded into the convolution before it: the same numbers to rounding, one pass less. */

import * as tf from '@tensorflow/tfjs';
import type { LayerNode } from '../architectures/graph';
import type { LayerWeights } from './layers/layer';

export interface FoldedWeights {
  /** `[h, w, in, out]`, each output channel times gamma / sqrt(variance + epsilon). */
  kernel: tf.Tensor;
  /** `[out]` */
  bias: tf.Tensor;
}

/** The tensors belong to the caller, also inside a `tf.tidy`. */
export function foldBatchNorm(kernel: tf.Tensor, { config }: LayerNode, weights: LayerWeights): FoldedWeights {
  if (config.kind !== 'batchNorm') throw new Error('Only BatchNorm can be folded');
  const { gamma, beta, moving_mean: mean, moving_variance: variance } = weights;
  if (!beta || !mean || !variance) throw new Error('BatchNorm without moving statistics');
  const [folded, bias] = tf.tidy(() => {
    const inverse = tf.rsqrt(tf.add(variance, config.epsilon));
    const scale = gamma ? tf.mul(gamma, inverse) : inverse;
    return [tf.mul(kernel, scale), tf.sub(beta, tf.mul(mean, scale))];
  });
  return { kernel: tf.keep(folded), bias: tf.keep(bias) };
}
