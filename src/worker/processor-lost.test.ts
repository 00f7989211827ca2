import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it, vi } from 'vitest';
import { unwrap } from '../domain/failure';
import { JobBoard } from '../kernels/processor/job-board';
import type { StartedDevice } from './device';
import { startProcessor } from './start-processor';
import { StudioHandler } from './studio-handler';
import { memoryStores, noFiles, pixels, request, studioDevice } from './studio-test-kit';

afterEach(() => {
  vi.restoreAllMocks();
  tf.removeBackend('processor');
});

// That a dead thread is noticed is tested in the browser, where threads are: kernels/processor/threads.gpu.test.ts.
it('is lost when a thread dies at work: the run is interrupted, and the next one has a new device', async () => {
  const started: StartedDevice[] = [];
  const { stores } = memoryStores();
  const handler = new StudioHandler(
    async () => {
      const device = await startProcessor();
      started.push(device);
      return { ...device, status: { ...studioDevice.status, backend: 'processor' } };
    },
    async () => stores,
    pixels,
    noFiles,
  );
  const isDying = vi.spyOn(JobBoard.prototype, 'run');
  const interrupted = unwrap(
    await handler.startRun(request(), (event) => {
      if (event.type === 'batchEnded') isDying.mockReturnValueOnce('abandoned');
    }),
  );
  expect([interrupted.status, interrupted.failure]).toEqual([
    'interrupted',
    'The processor device was lost while working: the browser ended one of its threads. Thorax starts it anew when it is needed next.',
  ]);
  isDying.mockRestore();
  const [lost] = started;
  lost.forget();
  expect(lost.isLost()).toBe(true);
  expect(lost.check).toThrow(expect.objectContaining({ code: 'gpu-lost' }));
  expect(() => tf.tidy(() => tf.matMul(tf.ones([4, 4]), tf.ones([4, 4])))).toThrow('ended in the middle of');

  const next = { ...request({ epochs: 1 }), runId: 'run-2' };
  expect(unwrap(await handler.startRun(next, () => undefined))).toMatchObject({ status: 'finished', failure: null });
  expect(started).toHaveLength(2);
  expect(tf.getBackend()).toBe('processor');
  expect(started[1].measureMemory()).toMatchObject({ tensorCount: 0 });
  started[1].check();
});
