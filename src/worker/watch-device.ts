/**
 * @file Noticing when the WebGPU device is lost, gives no more memory or refuses a command.
 *
 * TensorFlow.js 4.22 handles none of these: a buffer that could not be made reads as zeros. Lack of memory is noticed where
 * buffers are made (kernels/webgpu/buffer-pool.ts) and comes before what it leads to: commands that name those buffers.
 */

import { StudioError } from '../domain/failure';
import type { BufferPool, Shortage } from '../kernels/webgpu/buffer-pool';
import type { Device } from './device';

export interface DeviceWatch
  extends Pick<Device, 'isLost' | 'check' | 'settle' | 'capacity' | 'refusal' | 'forget' | 'rest'> {
  /** The device is destroyed next, as it should be. */
  expectLoss(): void;
}

const LOST =
  'The GPU was lost while working: its driver was started again, or the system took it away. Thorax starts it anew when it is needed next.';

/** Work on a lost device may fail before the loss is reported: so long it is awaited. */
const LOSS_REPORT_MS = 1000;

/** Watches a device for its loss, lack of memory and refused commands. */
export function watchDevice(device: GPUDevice, pool: BufferPool): DeviceWatch {
  let lost: StudioError | null = null;
  /** What a lost device refuses afterwards says nothing about memory. */
  let isForWantOfMemory = false;
  const shortage = () => (lost && !isForWantOfMemory ? null : pool.shortage);
  let failed: StudioError | null = null;
  let isExpected = false;
  void device.lost.then(({ message }) => {
    if (isExpected) return;
    lost = new StudioError('gpu-lost', LOST, { cause: message });
    isForWantOfMemory = pool.shortage !== null;
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    // Small buffers, which the pool does not watch.
    if (error instanceof GPUOutOfMemoryError) pool.reportShortage(0);
    else {
      const sentence = 'The GPU refused a command, so the numbers could no longer be trusted.';
      failed ??= new StudioError('unexpected', sentence, { cause: error.message });
    }
  });
  return {
    expectLoss: () => {
      isExpected = true;
    },
    isLost: () => lost !== null,
    check: () => {
      const error = shortageOf(shortage()) ?? lost ?? failed;
      if (error) throw error;
    },
    settle: async (failure) => {
      await pool.settle();
      // What Thorax threw itself has nothing to do with a loss.
      if (failure === undefined || failure instanceof StudioError) return;
      await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_REPORT_MS))]);
    },
    capacity: () => {
      const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
      const bufferBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
      return { kind: 'webgpu', bufferBytes, limitBytes: null, knownBytes: pool.knownBytes };
    },
    refusal: shortage,
    forget: () => {
      failed = null;
      pool.forget();
    },
    rest: async () => {
      pool.releaseIdle();
      // Replies come in order: after this one, every error of earlier work has arrived.
      await device.queue.onSubmittedWorkDone().catch(() => undefined);
      await pool.settle();
    },
  };
}

function shortageOf(shortage: Shortage | null): StudioError | null {
  if (!shortage) return null;
  const { askedBytes, givenBytes, limitBytes } = shortage;
  const sentence =
    limitBytes === null
      ? 'The GPU ran out of memory. Close other pages and programs that use it, or choose a smaller Input size.'
      : 'This needs a larger buffer than this GPU allows. Choose a smaller Input size.';
  return new StudioError('out-of-memory', sentence, {
    cause: `${askedBytes} bytes asked for, ${givenBytes} given, limit ${limitBytes}`,
  });
}
