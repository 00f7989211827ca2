/** @file Ours on the processor, as worker/start-processor.ts starts it. */

import * as tf from '@tensorflow/tfjs';
import { StudioError } from '../domain/failure';
import type { KernelBuild } from '../kernels/processor/kernel-module';
import { ProcessorDevice } from '../kernels/processor/processor-device';
import { PROCESSOR, registerProcessor } from '../kernels/processor/register';
import type { Side } from './side';

export interface ProcessorFacts {
  threads: number;
  build: KernelBuild;
}

/** @param threads null: as many as the processor has. One where no others can be started. */
export async function openProcessorSide(threads: number | null): Promise<Side> {
  const device = await startDevice(threads);
  return {
    ...sideOf(device),
    close: async () => {
      await leave();
      device.stop();
    },
  };
}

/** Started and stopped, to be described. */
export async function describeProcessor(threads: number | null): Promise<ProcessorFacts> {
  const device = await startDevice(threads);
  device.stop();
  return { threads: device.threadCount, build: device.build };
}

/**
 * Sides that follow each other on one device: each memory of WebAssembly reserves 4 GiB of addresses until it is collected, too much for
 * each of a hundred kernels.
 */
export async function shareProcessor(threads: number | null): Promise<{ open(): Side; stop(): void }> {
  const device = await startDevice(threads);
  const open = () => {
    device.heap.forget();
    return { ...sideOf(device), close: leave };
  };
  return { open, stop: () => device.stop() };
}

async function startDevice(threads: number | null): Promise<ProcessorDevice> {
  const isolated = 'Worker' in globalThis && globalThis.crossOriginIsolated;
  if (!isolated) return await ProcessorDevice.start();
  return await ProcessorDevice.start({ startThread, ...(threads === null ? {} : { threadCount: threads }) });
}

function startThread(): Worker {
  return new Worker(new URL('../kernels/processor/thread-worker.ts', import.meta.url), { type: 'module' });
}

function sideOf(device: ProcessorDevice): Omit<Side, 'close'> {
  const { heap } = device;
  registerProcessor(device);
  return {
    name: 'ours',
    tally: {
      get bytes() {
        return heap.sizeBytes;
      },
      get peakBytes() {
        return heap.peakBytes;
      },
      get heapBytes() {
        return heap.sizeBytes;
      },
    },
    usedBytes: () => heap.usedBytes,
    errors: [],
    check: () => {
      const { shortage } = heap;
      if (shortage) throw new StudioError('out-of-memory', `The processor's memory is full: ${shortage.message}.`);
    },
    activate: async () => {
      await tf.setBackend(PROCESSOR);
      await tf.ready();
    },
    // Kernels run at once: when they return there is nothing left to wait for.
    drain: async () => undefined,
  };
}

async function leave(): Promise<void> {
  await tf.setBackend('cpu');
  tf.removeBackend(PROCESSOR);
}
