import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { unwrap } from '../domain/failure';
import type { ProcessorOptions } from '../kernels/processor/processor-device';
import type { StartedDevice } from './device';
import { startProcessor } from './start-processor';
import { StudioHandler } from './studio-handler';
import { memoryStores, noFiles, pixels, request, studioDevice } from './studio-test-kit';

/** With a thread that never ends the part that it takes. */
const DYING: ProcessorOptions = {
  threadCount: 2,
  startThread: () =>
    new Worker(new URL('../kernels/processor/dying-thread.test-worker.ts', import.meta.url), { type: 'module' }),
  patienceMs: 300,
};

it('is lost when a thread dies at work: the run is interrupted, and the next has a device with all threads', async () => {
  const started: (StartedDevice & { threads: number })[] = [];
  const handler = new StudioHandler(
    async () => {
      const device = await startProcessor(started.length === 0 ? DYING : {});
      started.push(device);
      return { ...device, status: { ...studioDevice.status, backend: 'processor' } };
    },
    async () => memoryStores().stores,
    pixels,
    noFiles,
  );
  // Large enough that every step has parts for two threads.
  const asked = request({ inputSize: 64, batchSize: 6, epochs: 50 });
  const interrupted = unwrap(await handler.startRun(asked, () => undefined));
  expect([interrupted.status, interrupted.failure]).toEqual([
    'interrupted',
    'The processor device was lost while working: the browser ended one of its threads. Thorax starts it anew when it is needed next.',
  ]);
  const [lost] = started;
  lost.forget();
  expect(lost.isLost()).toBe(true);
  expect(lost.check).toThrow(expect.objectContaining({ code: 'gpu-lost' }));

  const next = { ...asked, runId: 'run-2', recipe: { ...asked.recipe, epochs: 1 } };
  expect(unwrap(await handler.startRun(next, () => undefined))).toMatchObject({ status: 'finished', failure: null });
  expect(started.map(({ threads }) => threads)).toEqual([2, navigator.hardwareConcurrency]);
  expect(tf.getBackend()).toBe('processor');
  expect(started[1].measureMemory()).toMatchObject({ tensorCount: 0 });
  started[1].check();
  for (const device of started) device.stop();
});
