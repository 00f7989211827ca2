import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it, vi } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { misfitOf } from '../architectures/memory-fit';
import { planTraining } from '../architectures/plan';
import { NETWORK_IDS, type NetworkId } from '../domain/network';
import { notebookRecipe } from '../domain/recipe';
import { HEAP_LIMIT_BYTES } from '../kernels/processor/heap';
import { SCRATCH_BYTES } from '../kernels/processor/job-board';
import { MOST_THREADS } from '../kernels/processor/processor-device';
import { PROCESSOR, registerProcessor } from '../kernels/processor/register';
import { Network } from '../networks/network';
import { augmentImages } from './augment-images';
import { IDENTITY_TRANSFORM } from './augmentation';
import { countingProcessor } from './counting-processor-test-kit';
import { createOptimizer } from './optimizer';
import { trainStep } from './train-network';

const THREADS = 16;

afterEach(() => {
  if (tf.findBackend(PROCESSOR)) tf.removeBackend(PROCESSOR);
  vi.restoreAllMocks();
});

/** Steps of the notebook's recipe at its own size, from building the network on, in the 4 GiB that 32 bits address. */
it.each<[NetworkId, peakMegabytes: number, wholeMegabytes: number]>([
  ['baseline', 320, 390],
  ['vgg16', 1950, 2200],
  ['inceptionv3', 3620, 3750],
  ['densenet121', 1150, 1450],
])(
  '%s at full size has at most %i MB in use on the processor, near its estimate, and grows the memory to %i MB at most',
  async (id, peakMegabytes, wholeMegabytes) => {
    const device = countingProcessor(THREADS);
    const { heap } = device;
    const scratchBytes = heap.usedBytes;
    registerProcessor(device);
    await tf.setBackend(PROCESSOR);

    const recipe = notebookRecipe(id);
    const { inputSize: size, batchSize, frozenBatchNorm } = recipe;
    const network = new Network(buildNetwork(id, size, 3));
    for (const spec of weightSpecs(network.graph)) network.fillWeight(spec, (length) => new Float32Array(length));
    const optimizer = createOptimizer(recipe.optimizer);
    const plan = planTraining(network.graph);
    const pixels = { data: new Uint8Array(batchSize * size * size * 3), count: batchSize, size };
    const ofEach = <T>(value: T) => Array.from({ length: batchSize }, () => value);
    const usedBytes: number[] = [];
    for (let step = 1; step <= 3; step += 1) {
      const sums = tf.tidy(() => {
        const x = augmentImages(pixels, ofEach(IDENTITY_TRANSFORM), false);
        return trainStep(network, plan, optimizer, x, ofEach(0), frozenBatchNorm);
      });
      sums.dispose();
      usedBytes.push(heap.usedBytes);
    }
    const { totalBytes } = estimateTrainingMemory({ plan, optimizer: recipe.optimizer, frozenBatchNorm }, batchSize);
    const ratio = (heap.peakBytes - scratchBytes) / totalBytes;
    expect(ratio, 'in use by estimated').toBeGreaterThan(0.95);
    expect(ratio, 'in use by estimated').toBeLessThan(1.05);
    expect(heap.peakBytes / 2 ** 20).toBeLessThan(peakMegabytes);
    expect(heap.sizeBytes / 2 ** 20).toBeLessThan(wholeMegabytes);
    expect(usedBytes[1]).toBe(usedBytes[0]);
    expect(usedBytes[2]).toBe(usedBytes[0]);
    optimizer.dispose();
    network.dispose();
    expect(heap.usedBytes).toBe(scratchBytes);
  },
);

it.each(NETWORK_IDS)(
  '%s at full size is not refused beside the working memory of as many threads as there may be',
  (id) => {
    const recipe = notebookRecipe(id);
    const limitBytes = HEAP_LIMIT_BYTES - MOST_THREADS * SCRATCH_BYTES;
    const plan = planTraining(buildNetwork(id, recipe.inputSize, 3));
    expect(
      misfitOf(recipe, plan, { kind: 'processor', bufferBytes: limitBytes, limitBytes, knownBytes: null }),
    ).toBeNull();
  },
);
