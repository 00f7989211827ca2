/**
 * @file WebGPU as a device.
 *
 * TensorFlow.js 4.22 asks for the WebGPU device itself and handles neither loss nor lack of memory, so the device is
 * requested here and watched (watch-device.ts).
 */

import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { measureProductQuickly } from '../kernels/measure-product';
import { limitIdleBuffers } from '../kernels/webgpu/buffer-pool';
import { registerKernels } from '../kernels/webgpu/register';
import { largestLimits } from '../kernels/webgpu/request-limits';
import type { TileStore } from '../storage/tile-store';
import type { StartedDevice } from './device';
import { tuneKernels } from './tune-kernels';
import { watchDevice } from './watch-device';

const BACKEND = 'webgpu';

export interface WebgpuOptions {
  /** `stock` leaves TensorFlow.js' own kernels in place, for comparison. */
  kernels: 'ours' | 'stock';
  /** Where the tiles that suit each GPU are kept. */
  openTiles: () => Promise<TileStore>;
}

/** Starts a device on this adapter and makes it TensorFlow.js' backend. @returns null when the GPU refuses. */
export async function startWebgpu(
  adapter: GPUAdapter,
  { kernels, openTiles }: WebgpuOptions,
): Promise<StartedDevice | null> {
  const gpu = await adapter.requestDevice({ requiredLimits: largestLimits(adapter) }).catch(() => null);
  if (!gpu) return null;
  const backend = new WebGPUBackend(gpu, adapter.info);
  const pool = limitIdleBuffers(backend);
  const { expectLoss, ...watch } = watchDevice(gpu, pool);
  if (tf.findBackendFactory(BACKEND)) tf.removeBackend(BACKEND);
  tf.registerBackend(BACKEND, () => backend, 3);
  await tf.setBackend(BACKEND);
  await tf.ready();
  // Input gradients of convolutions through the tiled product instead of the naive loop.
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  if (kernels === 'ours') registerKernels();
  const drain = async () => {
    pool.submit();
    await gpu.queue.onSubmittedWorkDone();
  };
  const name = adapterName(adapter, kernels);
  let tuned: Promise<string | null> | null = null;
  let tile: string | null = null;
  return {
    ...watch,
    compilesPrograms: true,
    tuneKernels: async () => {
      if (kernels !== 'ours') return;
      tuned ??= tuneKernels(backend, name, openTiles).catch((error) => {
        tuned = null;
        throw error;
      });
      tile = await tuned;
    },
    tileChoice: () => tile,
    measureMemory: () => ({
      tensorCount: tf.memory().numTensors,
      usedBytes: pool.numBytesUsed,
      allocated: { bytes: pool.numBytesAllocated, peakBytes: pool.peakBytesAllocated },
    }),
    measureProduct: () => measureProductQuickly(drain),
    stop: () => {
      expectLoss();
      // A device that was started in its place has taken the name.
      if (tf.findBackend(BACKEND) === backend) tf.removeBackend(BACKEND);
      gpu.destroy();
    },
  };
}

/** It says when stock kernels are used, since rates measured with them do not hold for ours. */
export function adapterName({ info }: GPUAdapter, kernels: 'ours' | 'stock'): string {
  const words = [info.vendor, info.architecture, info.description].filter((word) => word !== '');
  const name = words.join(' ') || 'Unnamed adapter';
  return kernels === 'stock' ? `${name}, stock kernels` : name;
}
