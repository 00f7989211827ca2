import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { buildNetwork } from '../architectures/build-network';
import { estimateTrainingMemory } from '../architectures/memory-estimate';
import { questionOf } from '../architectures/memory-fit';
import { planTraining } from '../architectures/plan';
import type { DeviceCapacity, DeviceStatus } from '../domain/device';
import type { Reply } from '../domain/failure';
import { notebookRecipe } from '../domain/recipe';
import type { DatasetState } from './dataset-store';
import type { DeviceState } from './device-store';
import { createDraftStore } from './draft-store';
import { createEstimatesStore } from './estimates-store';
import { fakeLog, fakeRecord, fakeSummary } from './fakes';
import type { RunsState } from './runs-store';
import type { TrainingState } from './training-store';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const STATUS: DeviceStatus = {
  backend: 'webgpu',
  adapter: 'fake',
  threads: null,
  software: false,
  limit: null,
  advice: null,
  choices: [],
};
const CAPACITY: DeviceCapacity = { kind: 'webgpu', bufferBytes: 2 ** 31, limitBytes: null, knownBytes: null };

function setUp() {
  const describeCapacity = vi.fn(async (): Promise<Reply<DeviceCapacity>> => ({ ok: true, value: CAPACITY }));
  const measureProduct = vi.fn(async (): Promise<Reply<number | null>> => ({ ok: true, value: 100 }));
  const device = createStore(() => ({ status: STATUS }) as DeviceState);
  const draft = createDraftStore();
  draft.getState().setShared({ inputSize: 75 });
  const dataset = createStore(() => ({ summary: fakeSummary() }) as DatasetState);
  const runs = createStore(() => ({ records: [] }) as unknown as RunsState);
  const training = createStore(() => ({ active: false }) as TrainingState);
  const api = { describeCapacity, measureProduct };
  const estimates = createEstimatesStore({ api, device, draft, dataset, runs, training });
  const computed = vi.fn();
  estimates.subscribe(computed);
  return { api, device, draft, dataset, runs, training, estimates, computed };
}

function baselineBytes(inputSize: number, batchSize: number, classCount = 2): number {
  const recipe = { ...notebookRecipe('baseline'), inputSize, batchSize };
  const plan = planTraining(buildNetwork('baseline', inputSize, classCount));
  return estimateTrainingMemory(questionOf(recipe, plan), batchSize).totalBytes;
}

it('computes at once, then once after the last key', async () => {
  const { draft, estimates, computed } = setUp();
  const unfollow = estimates.getState().follow();
  await vi.advanceTimersByTimeAsync(50);
  expect(Object.keys(estimates.getState().estimates)).toEqual(['baseline', 'vgg16', 'inceptionv3', 'densenet121']);
  expect(estimates.getState().estimates.baseline).toMatchObject({ memoryBytes: baselineBytes(75, 32), misfit: null });
  computed.mockClear();
  for (const batchSize of [6, 64]) {
    draft.getState().setShared({ batchSize });
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(computed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(300);
  expect(computed).toHaveBeenCalledTimes(1);
  expect(estimates.getState().estimates.baseline?.memoryBytes).toBe(baselineBytes(75, 64));

  unfollow();
  draft.getState().setShared({ batchSize: 8 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(computed).toHaveBeenCalledTimes(1);
});

it('ends a computation that a later one has overtaken', async () => {
  const { draft, dataset, estimates } = setUp();
  estimates.getState().follow();
  await vi.advanceTimersByTimeAsync(1000);
  draft.getState().setShared({ batchSize: 8 });
  // The first of its four networks is done.
  await vi.advanceTimersByTimeAsync(301);
  dataset.setState({ summary: fakeSummary({ classNames: ['A', 'B', 'C'] }) });
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates.baseline?.memoryBytes).toBe(baselineBytes(75, 8, 3));
});

it('waits for the device, and shows nothing before', async () => {
  const { device, estimates } = setUp();
  device.setState({ status: null });
  estimates.getState().follow();
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates).toEqual({});
  device.setState({ status: STATUS });
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates.baseline?.time).not.toBeNull();
});

it('asks anew what another device holds and how fast it is', async () => {
  const { api, device, estimates } = setUp();
  estimates.getState().follow();
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates.baseline).toMatchObject({ device: 'webgpu', time: { gflops: 30 } });
  api.describeCapacity.mockResolvedValue({ ok: true, value: { ...CAPACITY, kind: 'processor' } });
  api.measureProduct.mockResolvedValue({ ok: true, value: 10 });
  device.setState({ status: { ...STATUS, backend: 'processor' } });
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates.baseline).toMatchObject({ device: 'processor', time: { gflops: 3 } });
});

it('measures the device only for a network that has not trained here, and not without a dataset', async () => {
  const { api, dataset, runs, estimates } = setUp();
  const trained = ['baseline', 'vgg16', 'inceptionv3', 'densenet121'] as const;
  const records = trained.map((id) =>
    fakeRecord(id, notebookRecipe(id), { gpu: 'fake (webgpu)', epochs: [{ ...fakeLog(1), gflops: 5 }] }),
  );
  const summary = dataset.getState().summary;
  dataset.setState({ summary: null });
  runs.setState({ records: records.slice(1) });
  estimates.getState().follow();
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates.vgg16?.time).toBeNull();
  expect(api.measureProduct).not.toHaveBeenCalled();

  dataset.setState({ summary });
  await vi.advanceTimersByTimeAsync(1000);
  expect(api.measureProduct).toHaveBeenCalledTimes(1);
  expect(estimates.getState().estimates.vgg16?.time?.basis.kind).toBe('epoch');
  expect(estimates.getState().estimates.baseline?.time?.basis).toMatchObject({ kind: 'product', productGflops: 100 });

  runs.setState({ records });
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates.baseline?.time?.gflops).toBe(5);
  expect(api.measureProduct).toHaveBeenCalledTimes(1);
});

it('asks what the device holds again when a training has ended, and measures then what it could not before', async () => {
  const { api, training, estimates } = setUp();
  api.measureProduct.mockResolvedValueOnce({ ok: true, value: null });
  training.setState({ active: true });
  estimates.getState().follow();
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates.baseline?.time).toBeNull();
  api.describeCapacity.mockResolvedValue({ ok: true, value: { ...CAPACITY, knownBytes: 2 ** 20 } });
  training.setState({ active: false });
  await vi.advanceTimersByTimeAsync(1000);
  expect(api.describeCapacity).toHaveBeenCalledTimes(2);
  expect(estimates.getState().estimates.baseline?.misfit).toMatch(/gave no more than 1 MB/);
  expect(estimates.getState().estimates.baseline?.time?.basis).toMatchObject({ kind: 'product' });
});

it('leaves out networks whose fields hold no usable number', async () => {
  const { draft, estimates } = setUp();
  draft.getState().setShared({ inputSize: 40 });
  estimates.getState().follow();
  await vi.advanceTimersByTimeAsync(1000);
  expect(Object.keys(estimates.getState().estimates)).toEqual(['baseline', 'vgg16', 'densenet121']);
  draft.getState().setShared({ batchSize: null });
  await vi.advanceTimersByTimeAsync(1000);
  expect(estimates.getState().estimates).toEqual({});
});
