import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { misfitOf } from '../architectures/memory-fit';
import { epochOperations, operationsOf } from '../architectures/operations';
import { planTraining } from '../architectures/plan';
import { unwrap } from '../domain/failure';
import type { RunEvent } from '../domain/protocol';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { giveOnly } from './scarce-memory-test-kit';
import { startDevice } from './start-device';
import { StudioHandler } from './studio-handler';
import { memoryStores, noFiles, pixels, request } from './studio-test-kit';

const MEGABYTE = 2 ** 20;

function studio() {
  const { stores } = memoryStores();
  const device = startDevice({
    kernels: 'ours',
    openTiles: () => Promise.reject(new Error('No tiles are kept here')),
    forced: 'webgpu',
    remembered: null,
  });
  const handler = new StudioHandler(
    () => device,
    async () => stores,
    pixels,
    noFiles,
  );
  let runs = 0;
  const train = async (changes: Partial<Recipe>): Promise<{ record: RunRecord; events: RunEvent[] }> => {
    const events: RunEvent[] = [];
    runs += 1;
    const asked = { ...request({ epochs: 1, ...changes }), runId: `run-${runs}` };
    return { record: unwrap(await handler.startRun(asked, (event) => void events.push(event))), events };
  };
  return { handler, device, train };
}

let restore = () => {};
afterEach(() => restore());

describe('a GPU that gives 40 MB', () => {
  // The feature map of one image at 256 pixels is 2.8 MB; the head has 2.1 million weights.
  const recipe = { inputSize: 256, batchSize: 6, optimizer: notebookRecipe('densenet121').optimizer };

  it('fails in the first step, names a batch that does fit, and keeps nothing', { tags: 'long' }, async () => {
    const { device, train } = studio();
    const { measureMemory } = await device;
    const small = await train({ inputSize: 16, batchSize: 2 });
    expect(small.record.status).toBe('finished');
    expect(small.record.peakGpuBytes).toBeGreaterThan(0);
    const before = measureMemory();

    const scarce = giveOnly(40 * MEGABYTE);
    restore = scarce.restore;
    const { record, events } = await train(recipe);
    expect(record.status).toBe('failed');
    expect(record.failure).toMatch(
      /^Baseline at 256 px with Batch size 6 needs about \d+ MB of GPU memory, and this GPU gave no more than \d+ MB\. The largest Batch size that fits is \d\.$/,
    );
    expect(events.some(({ type }) => type === 'batchEnded')).toBe(false);
    const after = measureMemory();
    expect(after.tensorCount).toBe(before.tensorCount);
    expect(after.allocated?.bytes).toBeLessThan((before.allocated?.bytes ?? 0) + MEGABYTE / 16);
    expect(scarce.givenBytes()).toBeLessThan(MEGABYTE / 16);

    const batchSize = Number(/fits is (\d)\.$/.exec(record.failure ?? '')?.[1]);
    expect((await train({ ...recipe, batchSize })).record).toMatchObject({ status: 'finished', failure: null });
    // Not much more would have fitted.
    expect((await train({ ...recipe, batchSize: Math.min(6, batchSize + 2) })).record.status).toBe('failed');
  });

  it('says when not even one image fits', async () => {
    const { train } = studio();
    restore = giveOnly(8 * MEGABYTE).restore;
    const { record } = await train({ ...recipe, batchSize: 2 });
    expect(record.failure).toMatch(
      /Not even one image at a time fits: choose a smaller Input size\. With Batch size 2 the largest that fits is \d+\.$/,
    );
  });
});

describe('a buffer above the device’s limit', () => {
  it('is refused before anything is made, and the estimate says so beforehand', async () => {
    const { handler, device } = studio();
    const { bufferBytes } = (await device).capacity();
    // Feature maps of the baseline, 11 channels of float32: six of them are just above it.
    const inputSize = Math.ceil(Math.sqrt(bufferBytes / (6 * 11 * 4))) + 3;
    const asked = request({ inputSize, batchSize: 6 });
    const outcome = await handler.startRun(asked, () => undefined);
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'out-of-memory' } });
    const sentence = outcome.ok ? '' : outcome.failure.sentence;
    expect(sentence).toMatch(/needs a single buffer of [\d,]+ MB, .* The largest Batch size that fits is 5\.$/);
    const plan = planTraining(buildNetwork('baseline', inputSize, 2));
    const capacity = unwrap(await handler.describeCapacity());
    expect(misfitOf(asked.recipe, plan, capacity)).toBe(sentence);
    expect((await device).measureMemory().usedBytes).toBe(0);
  });
});

it('measures the GPU by a product, and an epoch by its operations', async () => {
  const { handler, device, train } = studio();
  expect(unwrap(await handler.measureProduct())).toBeGreaterThan(0);
  const { record, events } = await train({ epochs: 2, inputSize: 32 });
  const plan = planTraining(buildNetwork('baseline', 32, record.dataset.classNames.length));
  const operations = epochOperations(operationsOf(plan, record.recipe.optimizer), { train: 6, validation: 2 });
  const [, { gflops, timeMs }] = record.epochs;
  expect(operations / ((gflops ?? 0) * 1e6)).toBeCloseTo(timeMs, 6);

  const batches = events.filter((event) => event.type === 'batchEnded');
  for (const { memory } of batches) expect(memory?.peakBytes).toBeGreaterThanOrEqual(memory?.bytes ?? 0);
  expect(batches.at(-1)?.gflops).toBeGreaterThan(0);
  // What lay idle was given back.
  const { tensorCount, allocated } = (await device).measureMemory();
  expect(tensorCount).toBe(tf.memory().numTensors);
  expect(allocated?.bytes).toBeLessThan(MEGABYTE / 16);
});
