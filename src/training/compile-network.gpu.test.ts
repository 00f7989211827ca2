import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import { planInference, planTraining } from '../architectures/plan';
import { notebookRecipe } from '../domain/recipe';
import { compileAhead } from '../kernels/webgpu/compile-ahead';
import { registerKernels, unregisterKernels } from '../kernels/webgpu/register';
import { filled, images } from '../networks/every-kind-test-kit';
import type { Network } from '../networks/network';
import { compileNetwork } from './compile-network';
import { predict } from './evaluate';
import { createOptimizer, type Optimizer } from './optimizer';
import { trainStep } from './train-network';

const recipe = { ...notebookRecipe('vgg16'), inputSize: 7, batchSize: 4 };
const BATCHES = { training: [4, 1], inference: [2] };
const NEVER = new AbortController().signal;
const WEIGHTS = [0.5, 2, 1];
const frozen = (name: string) => ['conv2d', 'batch_normalization'].includes(name);

/** A step on four images and one on the last image, then predictions for the first two. */
async function train(network: Network, optimizer: Optimizer): Promise<number[]> {
  const numbers: number[] = [];
  const rows = (count: number) => tf.slice(images(), 0, count);
  for (const count of [4, 1]) {
    const labels = [0, 1, 2, 0].slice(0, count);
    const plan = planTraining(network.graph);
    const sums = tf.tidy(() => trainStep(network, plan, optimizer, rows(count), labels, 'loaded', WEIGHTS));
    numbers.push(...(await sums.data()));
    sums.dispose();
  }
  const { probabilities } = tf.tidy(() => predict(network, planInference(network.graph), rows(2), [0, 1]));
  numbers.push(...(await probabilities.data()));
  for (const [, { parts }] of network.entries()) for (const part of parts) numbers.push(...(await part.data()));
  return numbers;
}

/** Not to the bit: TensorFlow.js computes small tensors that are not yet on the device on the processor. */
function expectClose(found: number[], expected: number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(found[i] - value), `${i}`).toBeLessThan(1e-5);
}

describe('compileNetwork', () => {
  // A device of its own for each: nothing is compiled on it.
  beforeEach(async () => {
    const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
    const backend = new WebGPUBackend(await adapter.requestDevice(), adapter.info);
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend);
    await tf.setBackend('webgpu');
    registerKernels();
  });

  afterAll(() => unregisterKernels());

  it('compiles every program of a step beforehand and changes nothing', async () => {
    const network = filled(everyKind(frozen));
    const optimizer = createOptimizer(recipe.optimizer);
    const counts: [number, number][] = [];
    const onProgress = (...count: [number, number]) => counts.push(count);
    const compile = () =>
      compileNetwork(network, optimizer, recipe, BATCHES, onProgress, NEVER, { classWeights: WEIGHTS });
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
    const found = await train(network, optimizer);
    GPUDevice.prototype.createComputePipeline = createComputePipeline;
    expect(compiledLate).toBe(0);

    const plain = filled(everyKind(frozen));
    expectClose(found, await train(plain, createOptimizer(recipe.optimizer)));

    counts.length = 0;
    await compile();
    expect(counts).toEqual([]);
  });

  const GIVEN_UP =
    'given up, ends at once, leaves nothing behind and the device fit to work; nothing is asked for twice';
  it(GIVEN_UP, { tags: 'long' }, async () => {
    const { createComputePipelineAsync } = GPUDevice.prototype;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked = vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync');
    asked.mockImplementation(async function (this: GPUDevice, descriptor) {
      await released;
      return createComputePipelineAsync.call(this, descriptor);
    });
    const compile = async (signal: AbortSignal) => {
      const network = filled(everyKind(frozen));
      const optimizer = createOptimizer(recipe.optimizer);
      const counts: [number, number][] = [];
      const onProgress = (...count: [number, number]) => counts.push(count);
      await compileNetwork(network, optimizer, recipe, BATCHES, onProgress, signal, { classWeights: WEIGHTS });
      optimizer.dispose();
      network.dispose();
      return counts;
    };
    const run = () => train(filled(everyKind(frozen)), createOptimizer(recipe.optimizer));

    const stop = new AbortController();
    const tensorsBefore = tf.memory().numTensors;
    setTimeout(() => stop.abort(), 1);
    expect(await compile(stop.signal)).toEqual([]);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    const total = asked.mock.calls.length;
    expect(total).toBeGreaterThan(10);

    const whileCompiling = await run();
    release();
    expect((await compile(NEVER)).at(-1)).toEqual([total, total]);
    expect(asked).toHaveBeenCalledTimes(total);
    expectClose(await run(), whileCompiling);
    vi.restoreAllMocks();
  });

  it('leaves TensorFlow.js fit to work when it fails half-way', async () => {
    const backend = tf.backend() as WebGPUBackend;
    const x = tf.ones<tf.Rank.R4>([1, 64, 64, 3]);
    const failing = compileAhead(
      backend,
      () => {
        tf.maxPool(x, 5, 3, 'valid').dispose();
        throw new Error('no memory');
      },
      () => undefined,
      NEVER,
    );
    await expect(failing).rejects.toThrow('no memory');
    const pooled = tf.maxPool(x, 5, 3, 'valid');
    expect((await pooled.data())[0]).toBe(1);
    tf.dispose([x, pooled]);
  });
});
