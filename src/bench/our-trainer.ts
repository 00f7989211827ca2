/** @file Our side: the studio's own training loop, pulled one batch at a time. */

import type { DatasetImage } from '../domain/dataset';
import { buildNetwork } from '../networks/build-network';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { createOptimizer } from '../training/optimizer';
import { trainNetwork } from '../training/train-network';
import type { Task, Trainer } from './trainer';

/** More batches than any measurement takes: an epoch's end would be a pause in the queue. */
const BATCHES = 4000;

/** On the backend that is active; weights by the recipe's seed. */
export function startOurs({ recipe, classCount, pixels, labels }: Task): Trainer {
  const network = new Network(buildNetwork(recipe.network, recipe.inputSize, classCount));
  initializeWeights(network, recipe.seed);
  const optimizer = createOptimizer(recipe.optimizer);
  const images = Array.from({ length: BATCHES * pixels.count }, (_, i): DatasetImage => {
    return { path: String(i), split: 'train', classIndex: labels[i % labels.length], sizeBytes: 0 };
  });
  const events = trainNetwork({ network, optimizer, recipe, images, readPixels: async () => pixels });
  return {
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
