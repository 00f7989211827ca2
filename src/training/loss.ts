/**
 * @file Categorical cross-entropy from logits.
 *
 * TensorFlow.js clips after the softmax, so a saturated sample has no gradient; from the logits it always has one.
 */

import * as tf from '@tensorflow/tfjs';
import { hasKernel } from '../networks/layers/run-kernel';

export interface LossResult {
  /** `[B]`, in nats. */
  losses: tf.Tensor1D;
  /** `[B]`, 1 where the largest logit is the label's (the first of equals), else 0. */
  correct: tf.Tensor1D;
  /** `[B, K]`: gradient of the batch's mean loss. */
  dLogits: tf.Tensor2D;
}

/**
 * Loss, gradient and hits of a batch.
 * @param logits `[B, K]`.
 * @param labels class indices `[B]`.
 * @param sampleWeights `[B]`, how much each sample counts in loss and gradient; as in Keras the mean still divides by the
 *   number of samples, and hits are not weighted.
 * @returns tensors that the caller disposes.
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: number[],
  sampleWeights?: readonly number[],
): LossResult {
  const plain = unweighted(logits, labels);
  if (!sampleWeights) return plain;
  const { losses, dLogits, correct } = plain;
  const [weightedLosses, weightedGradient] = tf.tidy((): tf.Tensor[] => {
    const weights = tf.tensor1d([...sampleWeights]);
    return [tf.mul(losses, weights), tf.mul(dLogits, weights.reshape([-1, 1]))];
  });
  tf.dispose([losses, dLogits]);
  return { losses: weightedLosses, dLogits: weightedGradient, correct } as LossResult;
}

function unweighted(logits: tf.Tensor2D, labels: number[]): LossResult {
  const [batch, classCount] = logits.shape;
  if (hasKernel('SoftmaxCrossEntropy')) {
    const [losses, dLogits, correct] = tf.tidy(
      () =>
        tf
          .engine()
          .runKernel('SoftmaxCrossEntropy', { logits, labels: tf.tensor1d(labels, 'int32') }, {}) as tf.Tensor[],
    );
    return { losses, dLogits, correct } as LossResult;
  }
  const [losses, dLogits, correct] = tf.tidy((): tf.Tensor[] => {
    const target = tf.oneHot(tf.tensor1d(labels, 'int32'), classCount).toFloat();
    const logProbabilities = tf.logSoftmax(logits);
    return [
      tf.neg(tf.sum(tf.mul(target, logProbabilities), 1)),
      tf.div(tf.sub(tf.exp(logProbabilities), target), batch),
      tf.equal(tf.argMax(logits, 1), tf.tensor1d(labels, 'int32')).toFloat(),
    ];
  });
  return { losses, dLogits, correct } as LossResult;
}
