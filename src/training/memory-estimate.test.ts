import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { planTraining } from '../architectures/plan';
import type { NetworkId } from '../domain/network';
import { notebookRecipe } from '../domain/recipe';
import { ProcessorDevice } from '../kernels/processor/processor-device';
import { PROCESSOR, registerProcessor } from '../kernels/processor/register';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { augmentImages } from './augment-images';
import { IDENTITY_TRANSFORM } from './augmentation';
import { createOptimizer } from './optimizer';
import { trainStep } from './train-network';

afterEach(() => tf.removeBackend(PROCESSOR));

/** With what the kernels take for themselves, which full-size-processor-memory.test.ts mostly leaves out. */
async function expectNearEstimate(id: NetworkId, size: number, batch: number): Promise<void> {
  const device = await ProcessorDevice.start();
  const { heap } = device;
  const scratchBytes = heap.usedBytes;
  registerProcessor(device);
  await tf.setBackend(PROCESSOR);
  const recipe = notebookRecipe(id);
  const { frozenBatchNorm } = recipe;
  const network = new Network(buildNetwork(id, size, 3));
  fillQuickly(network);
  const optimizer = createOptimizer(recipe.optimizer);
  const plan = planTraining(network.graph);
  const pixels = { data: new Uint8Array(batch * size * size * 3).map((_, i) => (i * 31) % 255), count: batch, size };
  const classes = Array.from({ length: batch }, (_, i) => i % 3);
  for (let step = 1; step <= 2; step += 1) {
    const sums = tf.tidy(() => {
      const x = augmentImages(
        pixels,
        classes.map(() => IDENTITY_TRANSFORM),
        false,
      );
      return trainStep(network, plan, optimizer, x, classes, frozenBatchNorm);
    });
    expect(sums.dataSync()[0]).toBeGreaterThan(0);
    sums.dispose();
  }
  const { totalBytes } = estimateTrainingMemory({ plan, optimizer: recipe.optimizer, frozenBatchNorm }, batch);
  const ratio = (heap.peakBytes - scratchBytes) / totalBytes;
  expect(ratio, `measured by estimated; ${totalBytes} bytes estimated`).toBeGreaterThan(0.8);
  expect(ratio).toBeLessThan(1.25);
  optimizer.dispose();
  network.dispose();
  expect(heap.usedBytes).toBe(scratchBytes);
}

/** Kernels of small numbers of both signs; drawn ones take longer than the steps. */
function fillQuickly(network: Network): void {
  initializeWeights(network, 1, ({ name }) => name !== 'kernel');
  for (const spec of weightSpecs(network.graph)) {
    if (spec.name !== 'kernel') continue;
    network.fillWeight(spec, (length) => {
      const values = new Float32Array(length);
      for (let i = 0; i < length; i += 1) values[i] = (((i * 37) % 101) - 50) / 2000;
      return values;
    });
  }
}

const NAME = '%s at %i pixels, batch %i: what steps on the processor hold at most is near the estimate';

it.each<[NetworkId, inputSize: number, batch: number]>([['baseline', 128, 16]])(NAME, expectNearEstimate);

it.each<[NetworkId, inputSize: number, batch: number]>([
  ['vgg16', 64, 8],
  ['inceptionv3', 96, 4],
  ['densenet121', 96, 8],
])(NAME, { tags: ['long'] }, expectNearEstimate);
