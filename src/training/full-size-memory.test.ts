import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterEach, expect, it, vi } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { weightSpecs } from '../architectures/graph';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { planTraining } from '../architectures/plan';
import type { NetworkId } from '../domain/network';
import { notebookRecipe } from '../domain/recipe';
import { limitIdleBuffers } from '../kernels/webgpu/buffer-pool';
import { registerKernels, unregisterKernels } from '../kernels/webgpu/register';
import { Network } from '../networks/network';
import { augmentImages } from './augment-images';
import { IDENTITY_TRANSFORM } from './augmentation';
import { countingDevice } from './counting-device-test-kit';
import { createOptimizer } from './optimizer';
import { trainStep } from './train-network';

afterEach(() => {
  unregisterKernels();
  tf.removeBackend('webgpu');
  vi.unstubAllGlobals();
});

/** Steps of the notebook's recipe at its own size, from building the network on, within WebGPU's default limits. */
it.each<[NetworkId, peakGigabytes: number, largeMade: number, groupsMade: number]>([
  ['baseline', 0.4, 1, 5],
  ['vgg16', 3, 1, 40],
  ['inceptionv3', 5, 90, 600],
  ['densenet121', 3.5, 50, 300],
])(
  '%s at full size stays below %f GB and near its estimate, and makes little anew in each step',
  async (id, gigabytes, largeMade, groups) => {
    const { device, info, count } = countingDevice();
    const backend = new WebGPUBackend(device, info);
    const pool = limitIdleBuffers(backend);
    let mostUsed = 0;
    const acquire = pool.acquireBuffer.bind(pool);
    pool.acquireBuffer = (...request) => {
      const buffer = acquire(...request);
      mostUsed = Math.max(mostUsed, pool.numBytesUsed);
      return buffer;
    };
    tf.registerBackend('webgpu', () => backend);
    await tf.setBackend('webgpu');
    registerKernels();

    const recipe = notebookRecipe(id);
    const { inputSize: size, batchSize } = recipe;
    const network = new Network(buildNetwork(id, size, 3));
    for (const spec of weightSpecs(network.graph)) network.fillWeight(spec, (length) => new Float32Array(length));
    const optimizer = createOptimizer(recipe.optimizer);
    const plan = planTraining(network.graph);
    const pixels = { data: new Uint8Array(batchSize * size * size * 3), count: batchSize, size };
    const ofEach = <T>(value: T) => Array.from({ length: batchSize }, () => value);
    for (let step = 1; step <= 3; step += 1) {
      count.largeMade = 0;
      count.groupsMade = 0;
      const sums = tf.tidy(() => {
        const x = augmentImages(pixels, ofEach(IDENTITY_TRANSFORM), false);
        return trainStep(network, plan, optimizer, x, ofEach(0), recipe.frozenBatchNorm);
      });
      pool.submit();
      sums.dispose();
    }
    expect(count.peakBytes / 1e9).toBeLessThan(gigabytes);
    const { frozenBatchNorm } = recipe;
    const { totalBytes } = estimateTrainingMemory({ plan, optimizer: recipe.optimizer, frozenBatchNorm }, batchSize);
    expect(mostUsed / totalBytes, 'in use by estimated').toBeGreaterThan(0.95);
    expect(mostUsed / totalBytes, 'in use by estimated').toBeLessThan(1.05);
    expect(count.largeMade).toBeLessThanOrEqual(largeMade);
    expect(count.groupsMade).toBeLessThanOrEqual(groups);
    optimizer.dispose();
    network.dispose();
  },
);
