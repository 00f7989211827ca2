/**
 * @file Batch normalization over `[B, H, W]`, with the ReLU that follows fused where there is one.
 *
 * Ioffe and Szegedy (2015). Training mode normalizes by the batch's mean and biased variance and differentiates through
 * both; inference mode by the moving ones, which are then constants. Three kernels of ours (`BatchNormTrain`,
 * `BatchNormApply`, `BatchNormGrad`) replace about fifty stock dispatches per layer.
 */

import * as tf from '@tensorflow/tfjs';
import type { BackwardResult, Layer, LayerWeights } from './layer';
import { reluGradient } from './relu';
import { hasKernel, runKernel, runKernels } from './run-kernel';

export const batchNorm: Layer<'batchNorm'> = {
  /** Saves the batch's `[mean, variance]` in training mode: the backward pass and the moving averages need them. */
  forward: ({ epsilon }, { inputs, inputShapes, weights, saved, batchStatistics, fuseRelu }) => {
    const [x] = inputs;
    const channels = inputShapes[0][3];
    const fresh = batchStatistics && !saved ? batchMoments(x, channels) : null;
    const [mean, variance] = saved ?? fresh ?? movingMoments(weights);
    const { gamma, beta } = weights;
    const output = hasKernel('BatchNormApply')
      ? runKernel('BatchNormApply', { x, mean, variance, gamma, beta }, { epsilon, relu: fuseRelu, channels })
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
    return { output, saved: fresh };
  },

  backward: (
    { epsilon },
    { inputs, inputShapes, into, saved, weights, dy, batchStatistics, fuseRelu, wantInputs, wantWeights },
  ) => {
    const [x] = inputs;
    const [mean, variance] = saved ?? movingMoments(weights);
    const { gamma, beta } = weights;
    const attributes = { epsilon, training: batchStatistics, relu: fuseRelu, channels: inputShapes[0][3] };
    const inPlace = wantInputs && into && hasKernel('BatchNormGrad') ? into : undefined;
    const given = { x, dy, mean, variance, gamma, beta };
    const result = hasKernel('BatchNormGrad')
      ? runKernels('BatchNormGrad', { ...given, into: inPlace }, attributes)
      : batchNormGradient(given, attributes);
    const [dGamma, dBeta] = inPlace ? result : result.slice(1);
    const dx = inPlace ? null : result[0];
    const gradients: BackwardResult['weights'] = {};
    if (wantWeights && gamma) gradients.gamma = dGamma;
    else dGamma.dispose();
    if (wantWeights) gradients.beta = dBeta;
    else dBeta.dispose();
    if (!wantInputs) dx?.dispose();
    return { inputs: [wantInputs ? dx : null], weights: gradients };
  },
};

function movingMoments(weights: LayerWeights): [tf.Tensor, tf.Tensor] {
  if (!weights.moving_mean || !weights.moving_variance) throw new Error('BatchNorm without moving statistics');
  return [weights.moving_mean, weights.moving_variance];
}

/** Mean and biased variance of `[B, H, W, C]` over all but the channels. */
function batchMoments(x: tf.Tensor, channels: number): [tf.Tensor, tf.Tensor] {
  if (hasKernel('BatchNormTrain')) return runKernels('BatchNormTrain', { x }, { channels }) as [tf.Tensor, tf.Tensor];
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return [mean, variance];
  });
}

interface GradientInputs {
  x: tf.Tensor;
  dy: tf.Tensor;
  mean: tf.Tensor;
  variance: tf.Tensor;
  gamma: tf.Tensor | undefined;
  beta: tf.Tensor | undefined;
}

/** The composed gradient: `[dx, dgamma, dbeta]`. */
function batchNormGradient(
  { x, dy: outer, mean, variance, gamma, beta }: GradientInputs,
  { epsilon, training, relu }: { epsilon: number; training: boolean; relu: boolean },
): tf.Tensor[] {
  return tf.tidy(() => {
    const axes = [0, 1, 2];
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const normalized = tf.mul(tf.sub(x, mean), inverse);
    const scaled = gamma ? tf.mul(normalized, gamma) : normalized;
    const dy = relu ? reluGradient(beta ? tf.add(scaled, beta) : scaled, outer) : outer;
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
 * One training step of the moving statistics: Keras 3 moves both towards the batch's (biased variance).
 *
 * @param replace receives and owns the new tensors where they could not be updated in place.
 */
export function moveStatistics(
  { moving_mean: movingMean, moving_variance: movingVariance }: LayerWeights,
  [mean, variance]: tf.Tensor[],
  momentum: number,
  replace: (movedMean: tf.Tensor, movedVariance: tf.Tensor) => void,
): void {
  if (!movingMean || !movingVariance) throw new Error('BatchNorm without moving statistics');
  if (hasKernel('MoveStatistics')) {
    tf.tidy(() => {
      runKernels('MoveStatistics', { movingMean, movingVariance, mean, variance }, { momentum });
    });
    return;
  }
  const move = (old: tf.Tensor, fresh: tf.Tensor) =>
    tf.tidy(() => tf.add(tf.mul(old, momentum), tf.mul(fresh, 1 - momentum)));
  replace(move(movingMean, mean), move(movingVariance, variance));
}
