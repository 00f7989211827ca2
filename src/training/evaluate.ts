/** @file A network's predictions for a split and their score: inference mode, no augmentation, only resized and scaled. */

import * as tf from '@tensorflow/tfjs';
import { type Plan, planInference } from '../architectures/plan';
import { nextTask } from '../base/next-task';
import type { DatasetImage, PixelBatch } from '../domain/dataset';
import { StudioError } from '../domain/failure';
import type { InputScaling } from '../domain/input-scaling';
import type { EvaluatedSplit, Prediction } from '../domain/run';
import { accuracyOf } from '../metrics/accuracy';
import { forward, releasePass } from '../networks/execute';
import type { Network } from '../networks/network';
import { augmentImages } from './augment-images';
import { IDENTITY_TRANSFORM } from './augmentation';
import { softmaxCrossEntropy } from './loss';
import { scaleInput } from './scale-input';

export interface EvaluateOptions {
  images: DatasetImage[];
  batchSize: number;
  /** How pixels become the network's input; divided by 255 by default. */
  inputScaling?: InputScaling;
  readPixels: (images: DatasetImage[]) => Promise<PixelBatch>;
  /** Called before each batch, after messages have had their turn; throw to give up. */
  onProgress?: (done: number) => Promise<void> | void;
}

/** Predictions that are not finite numbers: they are never scored. */
export class NotNumbersError extends StudioError {
  /**
   * @param path the first image without a numeric prediction.
   * @param loss what was measured for it: NaN or infinite.
   */
  constructor(
    readonly path: string,
    readonly loss: number,
  ) {
    const sentence = `The network's predictions are not finite numbers, first for ${path}: its weights overflow or are damaged, so it cannot be scored.`;
    super('bad-weights', sentence);
  }
}

/**
 * Predicts a split and scores the predictions.
 * @returns null for an empty split.
 * @throws {NotNumbersError} at the first image whose loss or whose probabilities are not finite.
 */
export async function evaluate(network: Network, options: EvaluateOptions): Promise<EvaluatedSplit | null> {
  const { images, batchSize, inputScaling, readPixels, onProgress } = options;
  if (images.length === 0) return null;
  const plan = planInference(network.graph);
  const predictions: Prediction[] = [];
  let lossSum = 0;
  for (let start = 0; start < images.length; start += batchSize) {
    await nextTask();
    await onProgress?.(start);
    const batch = images.slice(start, start + batchSize);
    const pixels = await readPixels(batch);
    const labels = batch.map(({ classIndex }) => classIndex);
    const { losses, probabilities } = tf.tidy(() => predict(network, plan, toInput(pixels, inputScaling), labels));
    const [lossValues, rows] = await Promise.all([losses.data<'float32'>(), probabilities.array()]);
    tf.dispose([losses, probabilities]);
    lossSum += lossValues.reduce((sum, value) => sum + value, 0);
    for (const [index, { path, classIndex }] of batch.entries()) {
      const loss = lossValues[index];
      const row = (rows as number[][])[index];
      if (!Number.isFinite(loss)) throw new NotNumbersError(path, loss);
      if (!row.every(Number.isFinite)) throw new NotNumbersError(path, Number.NaN);
      predictions.push({ path, classIndex, probabilities: row });
    }
  }
  return { accuracy: accuracyOf(predictions), loss: lossSum / images.length, count: images.length, predictions };
}

/**
 * The network's predictions for a batch, to be called in a `tf.tidy`.
 * @param x `[B, H, W, 3]`; freed.
 * @returns cross-entropy of each image `[B]` in nats, and softmax output `[B, K]`.
 */
export function predict(network: Network, plan: Plan, x: tf.Tensor, labels: number[]) {
  const pass = forward(network, plan, x, { training: false });
  x.dispose();
  const { losses, correct, dLogits } = softmaxCrossEntropy(pass.logits, labels);
  const probabilities = tf.softmax(pass.logits);
  tf.dispose([correct, dLogits]);
  releasePass(pass);
  return { losses, probabilities };
}

/**
 * A network's input from the pixels of images.
 * @param scaling of the run; divided by 255 by default
 * @returns `[B, size, size, 3]`, owned by the caller
 */
export function toInput(pixels: PixelBatch, scaling?: InputScaling): tf.Tensor4D {
  const transforms = Array.from({ length: pixels.count }, () => IDENTITY_TRANSFORM);
  return scaleInput(augmentImages(pixels, transforms, false), scaling);
}
