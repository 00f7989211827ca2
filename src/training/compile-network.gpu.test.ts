import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import { registerKernels, unregisterKernels } from '../kernels/register';
import { DIRECTION, everyKind, filled, picture } from '../networks/every-kind-test-kit';
import { backward, forward } from '../networks/execute';
import type { Network } from '../networks/network';
import { planTraining } from '../networks/plan';
import { compileNetwork } from './compile-network';
import { createOptimizer, type Optimizer } from './optimizer';

const recipe = { ...notebookRecipe('vgg16'), inputSize: 7, batchSize: 4 };
const frozen = (name: string) => ['conv2d', 'batch_normalization'].includes(name);

async function trainOnce(network: Network, optimizer: Optimizer): Promise<number[]> {
  const x = picture();
  const dLogits = tf.tensor(DIRECTION, [4, 3]);
  const pass = forward(network, planTraining(network.graph), x, { training: true });
  const logits = Array.from(await pass.logits.data());
  optimizer.beginStep();
  backward(pass, dLogits, (spec, gradient) => optimizer.apply(network, spec, gradient));
  optimizer.endStep();
  tf.dispose([x, dLogits]);
  const numbers = logits;
  for (const [, { parts }] of network.entries()) for (const part of parts) numbers.push(...(await part.data()));
  return numbers;
}

describe('compileNetwork', () => {
  beforeAll(async () => {
    await tf.setBackend('webgpu');
    await tf.ready();
    registerKernels();
  });

  afterAll(() => unregisterKernels());

  it('compiles every program of a step beforehand and changes nothing', async () => {
    const network = filled(everyKind(frozen));
    const optimizer = createOptimizer(recipe.optimizer);
    const counts: [number, number][] = [];
    const compile = () =>
      compileNetwork(network, optimizer, recipe, { training: [4], inference: [4] }, (...count) => counts.push(count));
    await compile();
    const total = counts[0][1];
    expect(total).toBeGreaterThan(10);
    expect(counts.at(-1)).toEqual([total, total]);

    const { createComputePipeline } = GPUDevice.prototype;
    let compiledLate = 0;
    GPUDevice.prototype.createComputePipeline = function (descriptor) {
      compiledLate += 1;
      return createComputePipeline.call(this, descriptor);
    };
    const found = await trainOnce(network, optimizer);
    GPUDevice.prototype.createComputePipeline = createComputePipeline;
    expect(compiledLate).toBe(0);

    const plain = filled(everyKind(frozen));
    const expected = await trainOnce(plain, createOptimizer(recipe.optimizer));
    expect(found).toEqual(expected);

    counts.length = 0;
    await compile();
    expect(counts).toEqual([]);
  });
});
