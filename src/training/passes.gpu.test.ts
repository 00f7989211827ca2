import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import { type Graph, weightSpecs } from '../architectures/graph';
import { GraphBuilder } from '../architectures/graph-builder';
import { planTraining } from '../architectures/plan';
import { weightKey } from '../domain/architecture';
import { notebookRecipe } from '../domain/recipe';
import { pretendAdapter } from '../kernels/webgpu/adapter-kind';
import { limitIdleBuffers } from '../kernels/webgpu/buffer-pool';
import { registerKernels, unregisterKernels } from '../kernels/webgpu/register';
import { DIRECTION, filled, images } from '../networks/every-kind-test-kit';
import { backward, forward } from '../networks/execute';
import { multiplyOut } from '../networks/weight-gradient';
import { createOptimizer } from './optimizer';
import { trainStep } from './train-network';

interface StepResult {
  logits: Float32Array;
  gradients: Map<string, Float32Array>;
  statistics: Map<string, Float32Array>;
}

type Shape = 'whole' | 'cut' | 'wide';

/** Channels enough for the large tiles, in all three products of a convolution. */
function wide(): Graph {
  const g = new GraphBuilder();
  let x = g.input([7, 7, 3]);
  x = g.conv2d(x, { filters: 36, kernel: 3, padding: 'same', useBias: false });
  x = g.relu(g.batchNorm(x, { epsilon: 1e-3 }));
  x = g.conv2d(x, { filters: 40, kernel: 3, padding: 'same', activation: 'relu' });
  const featureMap = x;
  x = g.dense(g.globalAveragePool(x, 'mean'), { units: 3, activation: 'softmax' });
  return g.finish('densenet121', x, featureMap, () => true);
}

/**
 * One forward and backward pass in training mode on the active backend.
 * @param shape `cut`: with the first layers frozen, the stem in slices of one image and the dense kernels in parts.
 */
async function step(shape: Shape): Promise<StepResult> {
  const cut = shape === 'cut';
  const frozen = (name: string) => cut && ['conv2d', 'batch_normalization'].includes(name);
  const network = filled(shape === 'wide' ? wide() : everyKind(frozen), cut ? 3 * 6 * 4 : undefined);
  const x = images();
  const dLogits = tf.tensor(DIRECTION, [4, 3]);
  const pass = forward(network, planTraining(network.graph), x, {
    training: true,
    sliceBytes: cut ? 9 * 9 * 3 * 4 : undefined,
  });
  const logits = (await pass.logits.data<'float32'>()).slice();
  const pending: [string, tf.Tensor][] = [];
  backward(pass, dLogits, (spec, gradient) => pending.push([weightKey(spec), multiplyOut(gradient)]));
  const read = async (tensor: tf.Tensor) => (await tensor.data<'float32'>()).slice();
  const gradients = new Map<string, Float32Array>();
  for (const [key, gradient] of pending) gradients.set(key, await read(gradient));
  const statistics = new Map<string, Float32Array>();
  for (const spec of weightSpecs(network.graph)) {
    if (spec.name.startsWith('moving')) statistics.set(weightKey(spec), await read(network.weight(spec)));
  }
  tf.dispose([x, dLogits, ...pending.map(([, gradient]) => gradient)]);
  network.dispose();
  return { logits, gradients, statistics };
}

function expectClose(actual: Float32Array | undefined, expected: Float32Array, name: string): void {
  expect(actual?.length, name).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs((actual?.[i] ?? Number.NaN) - value), `${name}[${i}]`).toBeLessThan(1e-4 * (1 + Math.abs(value)));
  }
}

async function expectSame(shape: Shape, reference: StepResult): Promise<void> {
  const tensorsBefore = tf.memory().numTensors;
  const result = await step(shape);
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expectClose(result.logits, reference.logits, 'logits');
  for (const [key, values] of reference.gradients) expectClose(result.gradients.get(key), values, key);
  for (const [key, values] of reference.statistics) expectClose(result.statistics.get(key), values, key);
}

describe('a training pass on WebGPU', () => {
  const references = new Map<Shape, StepResult>();
  const reference = (shape: Shape) => references.get(shape) as StepResult;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    for (const shape of ['whole', 'cut', 'wide'] as const) references.set(shape, await step(shape));
    await tf.setBackend('webgpu');
    await tf.ready();
  });

  afterEach(() => {
    pretendAdapter(null);
    unregisterKernels();
  });

  it.each(['whole', 'cut'] as const)(
    'agrees with the processor: stock kernels, network %s',
    { tags: 'long' },
    async (shape) => {
      await expectSame(shape, reference(shape));
    },
  );

  const withOurs = async (shape: Shape) => {
    registerKernels();
    await expectSame(shape, reference(shape));
  };
  it('agrees with the processor: our kernels, network whole', () => withOurs('whole'));
  it('agrees with the processor: our kernels, network cut', { tags: 'long' }, () => withOurs('cut'));

  describe('on a device that gives no more than WebGPU promises', () => {
    const errors: string[] = [];
    let device: GPUDevice;

    beforeAll(async () => {
      const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
      device = await adapter.requestDevice();
      device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
      const backend = new WebGPUBackend(device, adapter.info);
      limitIdleBuffers(backend);
      tf.removeBackend('webgpu');
      tf.registerBackend('webgpu', () => backend);
      await tf.setBackend('webgpu');
    });

    const agree = async (kind: 'software' | 'hardware', shape: Shape) => {
      const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
      expect([maxStorageBufferBindingSize, maxBufferSize]).toEqual([128 * 2 ** 20, 256 * 2 ** 20]);
      registerKernels();
      pretendAdapter(kind);
      await expectSame(shape, reference(shape));
      await device.queue.onSubmittedWorkDone();
      expect(errors).toEqual([]);
    };
    it('agrees with the processor: kernels for software, network cut', () => agree('software', 'cut'));
    // A software adapter compiles each of these for half a minute.
    it.each(['whole', 'wide'] as const)(
      'agrees with the processor: kernels for hardware, network %s',
      { tags: 'long' },
      (shape) => agree('hardware', shape),
    );

    it('binds in each step what the step before it bound', async () => {
      registerKernels();
      const network = filled(everyKind());
      const plan = planTraining(network.graph);
      const optimizer = createOptimizer(notebookRecipe('inceptionv3').optimizer);
      const groups = vi.spyOn(device, 'createBindGroup');
      const stockPrograms = vi.spyOn(tf.backend() as WebGPUBackend, 'runWebGPUProgram');
      const dispatches = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
      const counts: { ours: number; groups: number }[] = [];
      for (let i = 0; i < 4; i += 1) {
        for (const spy of [groups, stockPrograms, dispatches]) spy.mockClear();
        const sums = tf.tidy(() => trainStep(network, plan, optimizer, images(), [0, 1, 2, 0], 'loaded'));
        await sums.data();
        sums.dispose();
        const stock = stockPrograms.mock.calls.length;
        counts.push({ ours: dispatches.mock.calls.length - stock, groups: groups.mock.calls.length - stock });
      }
      expect(counts[0].groups).toBeGreaterThan(20);
      expect(counts[3]).toEqual({ ours: counts[0].ours, groups: 0 });
      vi.restoreAllMocks();
      optimizer.dispose();
      network.dispose();
    });
  });
});
