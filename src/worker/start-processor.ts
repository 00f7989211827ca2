/** @file The processor as a device: WebAssembly with SIMD, on as many threads as the page allows. */

import * as tf from '@tensorflow/tfjs';
import { StudioError } from '../domain/failure';
import { measureProductQuickly } from '../kernels/measure-product';
import { findBuild, loadKernels } from '../kernels/processor/kernel-module';
import { ProcessorDevice, type ProcessorOptions } from '../kernels/processor/processor-device';
import { PROCESSOR, registerProcessor } from '../kernels/processor/register';
import type { Device, StartedDevice } from './device';
import { loadThreadScript, startThread } from './start-thread';

const LOST =
  'The processor device was lost while working: the browser ended one of its threads. Thorax starts it anew when it is needed next.';

/** Loads what the device starts from, so that it can be chosen when the network is gone. */
export async function preloadProcessor(): Promise<void> {
  const build = await findBuild();
  if (build) await Promise.all([loadKernels(build), loadThreadScript()]);
}

/**
 * Starts the processor's threads and makes them TensorFlow.js' backend.
 * @param options of tests.
 */
export async function startProcessor(options: ProcessorOptions = {}): Promise<StartedDevice & { threads: number }> {
  // Where the page is not isolated, or the threads' script cannot be had, one thread computes.
  const scriptUrl = globalThis.crossOriginIsolated ? await loadThreadScript().catch(() => null) : null;
  const threads = scriptUrl ? { startThread: () => startThread(scriptUrl) } : {};
  const processor = await ProcessorDevice.start({ ...threads, ...options });
  registerProcessor(processor);
  await tf.setBackend(PROCESSOR);
  await tf.ready();
  const backend = tf.backend();
  const { heap } = processor;
  let isStopped = false;
  return {
    threads: processor.threadCount,
    ...watchProcessor(processor),
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
      // A device that was started in its place has taken the name.
      if (tf.findBackend(PROCESSOR) === backend) tf.removeBackend(PROCESSOR);
      processor.stop();
    },
  };
}

/** Its loss, for ever, and lack of memory, for all work since the last `forget`. */
function watchProcessor(
  processor: ProcessorDevice,
): Pick<Device, 'isLost' | 'check' | 'capacity' | 'refusal' | 'forget'> {
  const { heap } = processor;
  let knownBytes: number | null = null;
  // The threads' own memory is never given back.
  const limitBytes = heap.limitBytes - heap.usedBytes;
  return {
    isLost: () => processor.lost !== null,
    check: () => {
      if (processor.lost) throw new StudioError('gpu-lost', LOST, { cause: processor.lost });
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
