import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { planTraining } from '../architectures/plan';
import type { DatasetImage } from '../domain/dataset';
import { notebookRecipe } from '../domain/recipe';
import { type BufferPool, limitIdleBuffers } from '../kernels/webgpu/buffer-pool';
import { registerKernels, unregisterKernels } from '../kernels/webgpu/register';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { createOptimizer } from './optimizer';
import { trainNetwork } from './train-network';

let pool: BufferPool;
let peakBytes = 0;

beforeAll(async () => {
  await tf.setBackend('webgpu');
  await tf.ready();
  registerKernels();
  pool = limitIdleBuffers(tf.backend() as WebGPUBackend);
  // What the step holds, without what lies idle.
  const acquire = pool.acquireBuffer.bind(pool);
  pool.acquireBuffer = (...request) => {
    const buffer = acquire(...request);
    peakBytes = Math.max(peakBytes, pool.numBytesUsed);
    return buffer;
  };
});

afterAll(() => unregisterKernels());

describe('a training step of the real thing', () => {
  // Large networks are counted without a GPU, in full-size-memory.test.ts.
  it.each([['baseline', 128, 16]] as const)(
    '%s at %i pixels, batch %i: its peak of GPU bytes is near the estimate',
    { tags: 'long' },
    async (id, inputSize, batchSize) => {
      const recipe = { ...notebookRecipe(id), inputSize, batchSize, epochs: 1 };
      const network = new Network(buildNetwork(id, inputSize, 3));
      initializeWeights(network, 1);
      const optimizer = createOptimizer(recipe.optimizer);
      const images = Array.from({ length: batchSize }, (_, i): DatasetImage => {
        return { path: String(i), split: 'train', classIndex: i % 3, sizeBytes: 1 };
      });
      const readPixels = async () => {
        const data = new Uint8Array(batchSize * inputSize ** 2 * 3).map((_, i) => (i * 31) % 255);
        return { data, count: batchSize, size: inputSize };
      };
      peakBytes = 0;
      const events = trainNetwork({ network, optimizer, recipe, images, readPixels });
      for await (const event of events) if (event.type === 'batch') expect(event.batchLoss).toBeGreaterThan(0);
      optimizer.dispose();
      network.dispose();

      const { frozenBatchNorm } = recipe;
      const question = { plan: planTraining(network.graph), optimizer: recipe.optimizer, frozenBatchNorm };
      const { totalBytes } = estimateTrainingMemory(question, batchSize);
      const ratio = peakBytes / totalBytes;
      expect(ratio, `measured by estimated; ${totalBytes} bytes estimated`).toBeGreaterThan(0.8);
      expect(ratio).toBeLessThan(1.25);
    },
  );
});
