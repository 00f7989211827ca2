import { afterEach, expect, it, vi } from 'vitest';
import { SCRATCH_BYTES } from './job-board';
import { MOST_THREADS, ProcessorDevice } from './processor-device';

afterEach(() => void vi.unstubAllGlobals());

/** Says that it is ready, and never takes a part. */
function idleThread(): Worker {
  const thread: Pick<Worker, 'onmessage' | 'postMessage' | 'terminate'> = {
    onmessage: null,
    postMessage: () => void setTimeout(() => thread.onmessage?.call(thread as Worker, new MessageEvent('message'))),
    terminate: () => undefined,
  };
  return thread as Worker;
}

it('has a thread for each of the processor, up to as many as find work and leave room for a network', async () => {
  for (const [cores, threads] of [
    [3, 3],
    [128, MOST_THREADS],
  ]) {
    vi.stubGlobal('navigator', { hardwareConcurrency: cores });
    const device = await ProcessorDevice.start({ startThread: idleThread });
    expect(device.threadCount).toBe(threads);
    expect(device.heap.usedBytes).toBe(threads * SCRATCH_BYTES);
  }
});
