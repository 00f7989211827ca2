/** @file The processor as a device: WebAssembly with SIMD, on as many threads as the page allows. */

import * as tf from '@tensorflow/tfjs';
import { StudioError } from '../domain/failure';
import { measureProductQuickly } from '../kernels/measure-product';
import type { Heap } from '../kernels/processor/heap';
import { findBuild, loadKernels } from '../kernels/processor/kernel-module';
import { ProcessorDevice } from '../kernels/processor/processor-device';
import { PROCESSOR, registerProcessor } from '../kernels/processor/register';
import type { Device, StartedDevice } from './device';
import { loadThreadScript, startThread } from './start-thread';

/** Loads what the device starts from, so that it can be chosen when the network is gone. */
export async function preloadProcessor(): Promise<void> {
  const build = await findBuild();
  if (build) await Promise.all([loadKernels(build), loadThreadScript()]);
}

/**
 * Starts the processor's threads and makes them TensorFlow.js' backend.
 * @param heapLimitBytes where its memory ends; tests make it small.
 */
export async function startProcessor(heapLimitBytes?: number): Promise<StartedDevice & { threads: number }> {
  // Where the page is not isolated, or the threads' script cannot be had, one thread computes.
  const scriptUrl = globalThis.crossOriginIsolated ? await loadThreadScript().catch(() => null) : null;
  const threads = scriptUrl ? { startThread: () => startThread(scriptUrl) } : {};
  const processor = await ProcessorDevice.start({ heapLimitBytes, ...threads });
  registerProcessor(processor);
  await tf.setBackend(PROCESSOR);
  await tf.ready();
  const { heap } = processor;
  let isStopped = false;
  return {
    threads: processor.threadCount,
    ...watchHeap(heap),
    isLost: () => false,
    compilesPrograms: false,
    // Kernels run at once: when they return there is nothing left to wait for.
    settle: async () => undefined,
    rest: async () => undefined,
    tuneKernels: async () => undefined,
    tileChoice: () => null,
    measureMemory: () => ({
      tensorCount: tf.memory().numTensors,
      usedBytes: heap.usedBytes,
      allocated: { bytes: heap.usedBytes, peakBytes: heap.peakBytes },
    }),
    measureProduct: () => measureProductQuickly(async () => undefined),
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      tf.removeBackend(PROCESSOR);
      processor.stop();
    },
  };
}

/** Lack of memory, for all work since the last `forget`. */
function watchHeap(heap: Heap): Pick<Device, 'check' | 'capacity' | 'refusal' | 'forget'> {
  let knownBytes: number | null = null;
  // The threads' own memory is never given back.
  const limitBytes = heap.limitBytes - heap.usedBytes;
  return {
    check: () => {
      const { shortage } = heap;
      if (!shortage) return;
      const sentence =
        'The processor device ran out of memory: WebAssembly gives it 4 GB at most. Choose a smaller Input size.';
      throw new StudioError('out-of-memory', sentence, { cause: shortage.message });
    },
    capacity: () => {
      if (heap.shortage) knownBytes = heap.shortage.usedBytes;
      // It gave more since.
      else if (knownBytes !== null) knownBytes = Math.max(knownBytes, heap.peakBytes);
      return { kind: 'processor', bufferBytes: limitBytes, limitBytes, knownBytes };
    },
    refusal: () => heap.shortage,
    forget: () => heap.forget(),
  };
}
