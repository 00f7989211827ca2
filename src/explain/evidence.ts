/**
 * @file What a heatmap is computed from: one image's predicted probabilities, a feature map, and the gradient of one class' score
 * with respect to it. One forward and one backward pass; the maps themselves are pure functions of the result.
 */

import * as tf from '@tensorflow/tfjs';
import { planGradientAt } from '../architectures/plan';
import { StudioError } from '../domain/failure';
import { predictedClass } from '../metrics/accuracy';
import { backward, forward, outputOf } from '../networks/execute';
import type { Network } from '../networks/network';
import { chooseFeatureMap, type FeatureMapChoice } from './feature-map';

export interface Evidence {
  /** Softmax output of every class. */
  probabilities: number[];
  /** The class whose score the gradient is of. */
  classIndex: number;
  featureMap: FeatureMapChoice;
  /** `[height, width, channels]` of the feature map, row-major. */
  features: Float32Array;
  /** Gradient of the class' logit (softmax replaced by linear) with respect to `features`, the same shape. */
  gradient: Float32Array;
}

/**
 * Runs one image forward and one class' score backward.
 * @param x one image `[1, H, W, 3]`, scaled as the network's input; the caller disposes it.
 * @param classIndex null: the class of largest probability.
 * @throws {StudioError} bad-input when a predicted probability is not a finite number.
 */
export async function readEvidence(network: Network, x: tf.Tensor, classIndex: number | null): Promise<Evidence> {
  const featureMap = chooseFeatureMap(network.graph);
  const pass = forward(network, planGradientAt(network.graph, featureMap.name), x, { training: false });
  const activation = outputOf(pass, featureMap.name).clone();
  const softmax = tf.softmax(pass.logits);
  const probabilities = Array.from(await softmax.data<'float32'>());
  const chosen = classIndex ?? predictedClass(probabilities);

  // Not oneHot(...).toFloat(): TensorFlow.js 4.22's cast on WebGPU only renames the type, so our kernels, which read the
  // buffer as what the tensor says it is, would find integers there (1 reads as 1.4e-45) and every map would be empty.
  const dLogits = tf.tensor2d(
    probabilities.map((_, index) => (index === chosen ? 1 : 0)),
    [1, probabilities.length],
  );
  let gradients: ReturnType<typeof backward> | null = null;
  try {
    gradients = backward(pass, dLogits, (_spec, gradient) => gradient.dispose());
    const gradient = gradients.get(featureMap.name);
    if (!gradient) throw new Error(`No gradient reached ${featureMap.name}`);
    const [features, slopes] = await Promise.all([activation.data<'float32'>(), gradient.data<'float32'>()]);
    if (!probabilities.every(Number.isFinite)) {
      const sentence = 'The network predicts what is not a number for this image, so there is nothing to explain.';
      throw new StudioError('bad-input', sentence);
    }
    return { probabilities, classIndex: chosen, featureMap, features, gradient: slopes };
  } finally {
    tf.dispose([activation, softmax, dLogits, ...(gradients?.values() ?? [])]);
  }
}
