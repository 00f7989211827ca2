/**
 * @file Grad-CAM as the notebook draws it.
 *
 * Selvaraju et al. (2017): the gradient of the class score (the logit: softmax replaced by linear) with respect to the
 * last feature map, its spatial mean as a weight per channel, the weighted sum of the channels, ReLU, scaled to 0..1.
 */

import * as tf from '@tensorflow/tfjs';
import { planGradientAt } from '../architectures/plan';
import { predictedClass } from '../metrics/accuracy';
import { backward, forward, outputOf } from '../networks/execute';
import type { Network } from '../networks/network';
import { chooseFeatureMap, type FeatureMapChoice } from './feature-map';

export interface GradCam {
  probabilities: number[];
  classIndex: number;
  featureMap: FeatureMapChoice;
  /** `[height, width]` of the feature map, largest value 1; null when nothing is positive. */
  map: Float32Array<ArrayBuffer> | null;
}

/**
 * @param x one image `[1, H, W, 3]`, stays the caller's.
 * @param classIndex null: the class of largest probability.
 */
export async function gradCam(network: Network, x: tf.Tensor, classIndex: number | null): Promise<GradCam> {
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
  const gradients = backward(pass, dLogits, (_spec, gradient) => gradient.dispose());
  const gradient = gradients.get(featureMap.name);
  if (!gradient) throw new Error(`No gradient reached ${featureMap.name}`);
  const raw = tf.tidy(() => {
    const weights = tf.mean(gradient, [1, 2], true); // [1, 1, 1, C]
    return tf.relu(tf.sum(tf.mul(activation, weights), 3)); // [1, h, w]
  });
  const values = Float32Array.from(await raw.data<'float32'>());
  tf.dispose([activation, softmax, dLogits, raw, ...gradients.values()]);
  return { probabilities, classIndex: chosen, featureMap, map: scaledToOne(values) };
}

/** Null for a map without a positive value: stretching it would only show noise. */
function scaledToOne(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> | null {
  const largest = values.reduce((max, value) => Math.max(max, value), 0);
  return largest > 0 ? values.map((value) => value / largest) : null;
}
