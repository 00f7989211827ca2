import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { unwrap } from '../domain/failure';
import type { RunEvent } from '../domain/protocol';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import type { StartedDevice } from './device';
import { startProcessor } from './start-processor';
import { StudioHandler } from './studio-handler';
import { memoryStores, noFiles, pixels, request, studioDevice } from './studio-test-kit';

const MEGABYTE = 2 ** 20;

/** The real device, with a memory that ends at `limitBytes`. */
async function studio(limitBytes: number, change: (device: StartedDevice) => Partial<StartedDevice> = () => ({})) {
  const { stores } = memoryStores();
  const started = await startProcessor({ heapLimitBytes: limitBytes });
  const device = { ...started, ...change(started), status: studioDevice.status };
  const handler = new StudioHandler(
    async () => device,
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
  return { device, handler, train };
}

afterEach(() => tf.removeBackend('processor'));

// 4 of them are the thread's own.
describe('a memory of 40 MB', () => {
  // The feature map of one image at 256 pixels is 2.8 MB; the head has 2.1 million weights.
  const recipe = { inputSize: 256, batchSize: 6, optimizer: notebookRecipe('densenet121').optimizer };

  it('is refused beforehand with a batch that fits, which then trains', async () => {
    const { handler, device, train } = await studio(40 * MEGABYTE);
    const asked = { ...request({ epochs: 1, ...recipe }), runId: 'too-large' };
    const outcome = await handler.startRun(asked, () => undefined);
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'out-of-memory' } });
    const sentence = outcome.ok ? '' : outcome.failure.sentence;
    expect(sentence).toMatch(
      /^Baseline at 256 px with Batch size 6 needs about \d+ MB of memory, and the processor device has no more than 36 MB\. The largest Batch size that fits is \d\.$/,
    );
    const batchSize = Number(/fits is (\d)\.$/.exec(sentence)?.[1]);
    const { record } = await train({ ...recipe, batchSize });
    expect(record).toMatchObject({ status: 'finished', failure: null });
    expect(record.peakGpuBytes).toBeLessThan(40 * MEGABYTE);
    expect(record.peakGpuBytes).toBeGreaterThan(10 * MEGABYTE);
    expect(device.measureMemory().tensorCount).toBe(0);
  });

  it('ends a run in its first step where more is used than was foreseen, and keeps nothing', async () => {
    const unaware = ({ capacity }: StartedDevice) => ({ capacity: () => ({ ...capacity(), limitBytes: null }) });
    const { device, train } = await studio(40 * MEGABYTE, unaware);
    const before = device.measureMemory().usedBytes;
    const { record, events } = await train(recipe);
    expect(record.status).toBe('failed');
    expect(record.failure).toMatch(
      /^Baseline at 256 px with Batch size 6 needs about \d+ MB of memory, and the processor device gave no more than \d+ MB\. The largest Batch size that fits is \d\.$/,
    );
    expect(events.some(({ type }) => type === 'batchEnded')).toBe(false);
    expect(device.measureMemory()).toMatchObject({ tensorCount: 0, usedBytes: before });
    expect((await train({ ...recipe, batchSize: 1 })).record).toMatchObject({ status: 'finished', failure: null });
  });
});
