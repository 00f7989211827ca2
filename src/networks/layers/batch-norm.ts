/**
 * @file Batch normalization over `[B, H, W]`, with the ReLU that follows fused where there is one.
 *
 * Ioffe and Szegedy (2015). Training mode normalizes by the batch's mean and biased variance and differentiates through
 * both; inference mode by the moving ones, which are then constants. Three kernels of ours (`BatchNormTrain`,
 * `BatchNormApply`, `BatchNormGrad`) replace about fifty stock dispatches a layer.
 */

import * as tf from '@tensorflow/tfjs';
import type { Layer, LayerWeights } from './layer';
import { reluGradient } from './relu';
import { hasKernel, runKernel, runKernels } from './run-kernel';

export const batchNorm: Layer<'batchNorm'> = {
  keepsInputs: true,
  keepsOutput: (_config, fuseRelu) => fuseRelu,

  /** Saves the batch's `[mean, variance]` in training mode: the backward pass and the moving averages need them. */
  forward: ({ epsilon }, { inputs, weights, batchStatistics, fuseRelu }) => {
    const [x] = inputs;
    const statistics = batchStatistics ? batchMoments(x) : null;
    const [mean, variance] = statistics ?? movingMoments(weights);
    const { gamma, beta } = weights;
    const output = hasKernel('BatchNormApply')
      ? runKernel('BatchNormApply', { x, mean, variance, gamma, beta }, { epsilon, relu: fuseRelu })
      : tf.tidy(() => {
          const y = tf.batchNorm4d(
            x as tf.Tensor4D,
            mean as tf.Tensor1D,
            variance as tf.Tensor1D,
            beta as tf.Tensor1D | undefined,
            gamma as tf.Tensor1D | undefined,
            epsilon,
          );
          return fuseRelu ? y.relu() : y;
        });
    return { output, saved: statistics };
  },

  backward: (
    { epsilon },
    { inputs, output, saved, weights, dy, batchStatistics, fuseRelu, wantInputs, wantWeights },
  ) => {
    const [x] = inputs;
    const [mean, variance] = saved ?? movingMoments(weights);
    const { gamma, beta } = weights;
    const attributes = { epsilon, training: batchStatistics, relu: fuseRelu };
    const y = fuseRelu && output ? output : undefined;
    const [dx, dGamma, dBeta] = hasKernel('BatchNormGrad')
      ? runKernels('BatchNormGrad', { x, dy, mean, variance, gamma, beta }, attributes)
      : batchNormGradient(x, dy, mean, variance, gamma, y, epsilon, batchStatistics);
    const gradients: LayerWeights = {};
    if (wantWeights && gamma) gradients.gamma = dGamma;
    else dGamma.dispose();
    if (wantWeights) gradients.beta = dBeta;
    else dBeta.dispose();
    if (!wantInputs) dx.dispose();
    return { inputs: [wantInputs ? dx : null], weights: gradients };
  },
};

function movingMoments(weights: LayerWeights): [tf.Tensor, tf.Tensor] {
  if (!weights.moving_mean || !weights.moving_variance) throw new Error('BatchNorm without moving statistics');
  return [weights.moving_mean, weights.moving_variance];
}

/** Mean and biased variance of `[B, H, W, C]` over all but the channels. */
function batchMoments(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  if (hasKernel('BatchNormTrain')) return runKernels('BatchNormTrain', { x }, {}) as [tf.Tensor, tf.Tensor];
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return [mean, variance];
  });
}

/** The composed gradient: `[dx, dgamma, dbeta]`. */
function batchNormGradient(
  x: tf.Tensor,
  dyOuter: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  gamma: tf.Tensor | undefined,
  y: tf.Tensor | undefined,
  epsilon: number,
  training: boolean,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  return tf.tidy(() => {
    const dy = y ? reluGradient(y, dyOuter) : dyOuter;
    const axes = [0, 1, 2];
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const normalized = tf.mul(tf.sub(x, mean), inverse);
    const dBeta = tf.sum(dy, axes);
    const dGamma = tf.sum(tf.mul(dy, normalized), axes);
    const slope = gamma ? tf.mul(gamma, inverse) : inverse;
    if (!training) return [tf.mul(dy, slope), dGamma, dBeta];
    const count = x.size / x.shape[x.rank - 1];
    const centred = tf.sub(tf.sub(dy, tf.div(dBeta, count)), tf.mul(normalized, tf.div(dGamma, count)));
    return [tf.mul(centred, slope), dGamma, dBeta];
  });
}

/**
 * The moving statistics after one training step: Keras 3 moves both towards the batch's (biased variance).
 * @returns new tensors that belong to the caller.
 */
export function movedStatistics(
  moving: [mean: tf.Tensor, variance: tf.Tensor],
  batch: [mean: tf.Tensor, variance: tf.Tensor],
  momentum: number,
): [mean: tf.Tensor, variance: tf.Tensor] {
  const move = (old: tf.Tensor, fresh: tf.Tensor) =>
    tf.tidy(() => tf.add(tf.mul(old, momentum), tf.mul(fresh, 1 - momentum)));
  return [move(moving[0], batch[0]), move(moving[1], batch[1])];
}
