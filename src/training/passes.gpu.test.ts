import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { everyKind } from '../architectures/every-kind-test-kit';
import { planTraining } from '../architectures/plan';
import { notebookRecipe } from '../domain/recipe';
import { pretendAdapter } from '../kernels/webgpu/adapter-kind';
import { limitIdleBuffers } from '../kernels/webgpu/buffer-pool';
import { registerKernels, unregisterKernels } from '../kernels/webgpu/register';
import { filled, images } from '../networks/every-kind-test-kit';
import { createOptimizer } from './optimizer';
import { expectSame, type Shape, type StepResult, stockReference } from './passes-test-kit';
import { trainStep } from './train-network';

describe('a training pass on a device that gives no more than WebGPU promises', () => {
  const references = new Map<Shape, StepResult>();
  const errors: string[] = [];
  let device: GPUDevice;

  beforeAll(async () => {
    for (const shape of ['whole', 'cut', 'wide'] as const) references.set(shape, await stockReference(shape));
    const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
    device = await adapter.requestDevice();
    device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    const backend = new WebGPUBackend(device, adapter.info);
    limitIdleBuffers(backend);
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend);
    await tf.setBackend('webgpu');
  });

  afterEach(() => {
    pretendAdapter(null);
    unregisterKernels();
  });

  const agree = async (kind: 'software' | 'hardware', shape: Shape) => {
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    expect([maxStorageBufferBindingSize, maxBufferSize]).toEqual([128 * 2 ** 20, 256 * 2 ** 20]);
    registerKernels();
    pretendAdapter(kind);
    await expectSame(shape, references.get(shape) as StepResult);
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
