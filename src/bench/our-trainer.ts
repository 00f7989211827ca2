/** @file Our side: the studio's own training loop, pulled one batch at a time. */

import * as tf from '@tensorflow/tfjs';
import { buildNetwork } from '../architectures/build-network';
import { planTraining } from '../architectures/plan';
import type { DatasetImage } from '../domain/dataset';
import { forward, releasePass } from '../networks/execute';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { augmentImages } from '../training/augment-images';
import type { ImageTransform } from '../training/augmentation';
import { softmaxCrossEntropy } from '../training/loss';
import { createOptimizer } from '../training/optimizer';
import { trainNetwork } from '../training/train-network';
import type { Task, Trainer } from './trainer';

/** More batches than any measurement takes: an epoch's end would be a pause in the queue. */
const MOST_BATCHES = 4000;
const UNCHANGED: ImageTransform = { affine: [1, 0, 0, 0, 1, 0], flip: false, noiseDeviation: 0, noiseSeed: 0 };

/** Trains on the active backend; weights by the recipe's seed. */
export function startOurs({ recipe, classCount, pixels, labels }: Task): Trainer {
  const network = new Network(buildNetwork(recipe.network, recipe.inputSize, classCount));
  initializeWeights(network, recipe.seed);
  const optimizer = createOptimizer(recipe.optimizer);
  const images = Array.from({ length: MOST_BATCHES * pixels.count }, (_, i): DatasetImage => {
    return { path: String(i), split: 'train', classIndex: labels[i % labels.length], sizeBytes: 0 };
  });
  const events = trainNetwork({ network, optimizer, recipe, images, readPixels: async () => pixels });
  return {
    firstLoss: async () => {
      const loss = tf.tidy(() => {
        const x = augmentImages(
          pixels,
          labels.map(() => UNCHANGED),
          false,
        );
        const options = { training: true, frozenBatchNorm: recipe.frozenBatchNorm };
        const pass = forward(network, planTraining(network.graph), x, options);
        const { losses } = softmaxCrossEntropy(pass.logits, labels);
        releasePass(pass);
        return losses.mean();
      });
      const [value] = await loss.data();
      loss.dispose();
      return value;
    },
    step: async () => {
      for (;;) {
        const { value, done } = await events.next();
        if (done) throw new Error('The training ended within a measurement');
        if (value.type === 'batch') return value.batchLoss;
      }
    },
    dispose: async () => {
      await events.return();
      optimizer.dispose();
      network.dispose();
    },
  };
}
