/**
 * @file The stock side: `tf.layers`, TensorFlow.js' optimizer, `trainOnBatch` with the loss read at every step as `fit` does,
 * and the same augmentation composed of stock operations.
 */

import * as tf from '@tensorflow/tfjs';
import { buildNetwork } from '../architectures/build-network';
import { RandomStream } from '../base/random';
import type { PixelBatch } from '../domain/dataset';
import type { OptimizerSettings } from '../domain/recipe';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { drawTransform, type ImageTransform } from '../training/augmentation';
import { buildStockModel, takeWeights } from './stock-model';
import type { Task, Trainer } from './trainer';

/** Trains on the active backend; weights by the recipe's seed, the same as ours. */
export function startStock({ recipe, classCount, pixels, labels }: Task): Trainer {
  const graph = buildNetwork(recipe.network, recipe.inputSize, classCount);
  const model = buildStockModel(graph);
  const weights = new Network(graph);
  initializeWeights(weights, recipe.seed);
  takeWeights(model, weights);
  weights.dispose();
  const optimizer = optimizerOf(recipe.optimizer);
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const stream = RandomStream.named(recipe.seed, 'augment');
  const target = () => tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classCount).toFloat());
  return {
    firstLoss: async () => {
      const loss = tf.tidy(() => {
        const output = model.apply(augmentedInput(pixels, [], false), { training: true }) as tf.Tensor;
        return tf.metrics.categoricalCrossentropy(target(), output).mean();
      });
      const [value] = await loss.data();
      loss.dispose();
      return value;
    },
    step: async () => {
      const transforms = labels.map(() => drawTransform(recipe.augmentation, recipe.inputSize, stream));
      const x = augmentedInput(pixels, transforms, recipe.augmentation.clip);
      const y = target();
      const logs = await model.trainOnBatch(x, y);
      tf.dispose([x, y]);
      return Array.isArray(logs) ? logs[0] : logs;
    },
    dispose: async () => {
      optimizer.dispose();
      model.dispose();
    },
  };
}

function optimizerOf(settings: OptimizerSettings): tf.Optimizer {
  if (settings.kind === 'adam') {
    const { learningRate, beta1, beta2, epsilon } = settings;
    return tf.train.adam(learningRate, beta1, beta2, epsilon);
  }
  const { learningRate, momentum } = settings;
  return momentum > 0 ? tf.train.momentum(learningRate, momentum) : tf.train.sgd(learningRate);
}

/**
 * Affine and flip by `tf.image.transform`, noise by `tf.randomNormal`, times 1/255; [B, S, S, 3].
 * @param transforms one per image, or none for images as they are.
 */
export function augmentedInput(
  { data, count, size }: PixelBatch,
  transforms: ImageTransform[],
  clip: boolean,
): tf.Tensor {
  return tf.tidy(() => {
    const pixels = tf.tensor4d(data, [count, size, size, 3], 'int32').toFloat() as tf.Tensor4D;
    if (transforms.every(isIdentity)) return pixels.div(255);
    const matrices = transforms.map((transform) => projectionOf(transform, size));
    let x: tf.Tensor = tf.image.transform(pixels, tf.tensor2d(matrices), 'bilinear', 'nearest');
    if (transforms.some(({ noiseDeviation }) => noiseDeviation > 0)) {
      const deviations = tf.tensor4d(
        transforms.map(({ noiseDeviation }) => noiseDeviation),
        [count, 1, 1, 1],
      );
      x = x.add(tf.randomNormal(x.shape).mul(deviations));
    }
    return (clip ? x.clipByValue(0, 255) : x).div(255);
  });
}

function isIdentity({ affine, flip, noiseDeviation }: ImageTransform): boolean {
  return !flip && noiseDeviation === 0 && affine.every((value, i) => value === (i === 0 || i === 4 ? 1 : 0));
}

/** Our (row, column) matrix as `tf.image.transform` takes it: (x, y), the flip multiplied in. */
function projectionOf({ affine, flip }: ImageTransform, size: number): number[] {
  const [rowByRow, rowByColumn, row, columnByRow, columnByColumn, column] = affine;
  const [sign, start] = flip ? [-1, size - 1] : [1, 0];
  const x = [columnByColumn * sign, columnByRow, column + columnByColumn * start];
  const y = [rowByColumn * sign, rowByRow, row + rowByColumn * start];
  return [...x, ...y, 0, 0];
}
