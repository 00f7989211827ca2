/**
 * @file Starting TensorFlow.js on the best backend there is.
 *
 * TensorFlow.js 4.22 asks for the WebGPU device itself and handles neither loss nor lack of memory, so the device is
 * requested here and watched (watch-device.ts).
 */

import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { StudioError } from '../domain/failure';
import type { GpuStatus } from '../domain/protocol';
import { looksLikeSoftware } from '../kernels/webgpu/adapter-kind';
import { limitIdleBuffers } from '../kernels/webgpu/buffer-pool';
import { measureProductQuickly } from '../kernels/webgpu/measure-product';
import { registerKernels } from '../kernels/webgpu/register';
import { largestLimits } from '../kernels/webgpu/request-limits';
import type { TileStore } from '../storage/tile-store';
import type { RunGpu } from '../training/run-gpu';
import { tuneKernels } from './tune-kernels';
import { type DeviceWatch, watchDevice } from './watch-device';

export interface Gpu extends RunGpu, DeviceWatch {
  /** Finds the tiles that suit this GPU, or reads them from storage. Called before every run; later calls do nothing. */
  tuneKernels(): Promise<void>;
  /** GFLOP/s of the best of a few matrix products; null where that cannot be timed. */
  measureProduct(): Promise<number | null>;
}

/**
 * Starts WebGPU, else WebGL, else the processor.
 * @param kernels `stock` leaves TensorFlow.js' own kernels in place, for comparison.
 * @param openTiles where the tiles that suit each GPU are kept.
 */
export async function startGpu(kernels: 'ours' | 'stock', openTiles: () => Promise<TileStore>): Promise<Gpu> {
  const found = await requestDevice();
  if (found.kind === 'device') {
    const backend = new WebGPUBackend(found.device, found.adapter.info);
    const pool = limitIdleBuffers(backend);
    const watch = watchDevice(found.device, pool);
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend, 3);
    await tf.setBackend('webgpu');
    await tf.ready();
    // Input gradients of convolutions through the tiled product instead of the naive loop.
    tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
    if (kernels === 'ours') registerKernels();
    const drain = async () => {
      pool.submit();
      await found.device.queue.onSubmittedWorkDone();
    };
    const status = webgpuStatus(found.adapter, kernels);
    let tuned: Promise<string | null> | null = null;
    let tile: string | null = null;
    return {
      status,
      ...watch,
      tuneKernels: async () => {
        if (kernels !== 'ours') return;
        tuned ??= tuneKernels(backend, status.adapter, openTiles).catch((error) => {
          tuned = null;
          throw error;
        });
        tile = await tuned;
      },
      tileChoice: () => tile,
      measureMemory: () => ({
        tensorCount: tf.memory().numTensors,
        gpuBytes: pool.numBytesUsed,
        allocated: { bytes: pool.numBytesAllocated, peakBytes: pool.peakBytesAllocated },
      }),
      measureProduct: () => measureProductQuickly(drain),
    };
  }
  for (const backend of ['webgl', 'cpu'] as const) {
    if (!(await tf.setBackend(backend).catch(() => false))) continue;
    await tf.ready();
    const adapter = backend === 'webgl' ? 'WebGL' : 'Processor';
    const status: GpuStatus = {
      backend,
      adapter,
      software: backend === 'cpu',
      advice: adviceFor(found.reason, backend),
    };
    return unwatchedGpu(status);
  }
  throw new StudioError('no-gpu', adviceFor(found.reason, 'cpu'));
}

/** A backend whose device cannot be watched: WebGL, the processor. */
export function unwatchedGpu(status: GpuStatus): Gpu {
  return {
    status,
    check: () => undefined,
    settle: async () => undefined,
    measureMemory: () => {
      const { numTensors, numBytes } = tf.memory();
      return { tensorCount: numTensors, gpuBytes: numBytes, allocated: null };
    },
    capacity: () => ({ bufferBytes: Number.POSITIVE_INFINITY, knownBytes: null }),
    refusal: () => null,
    tileChoice: () => null,
    forget: () => undefined,
    rest: async () => undefined,
    tuneKernels: async () => undefined,
    measureProduct: async () => null,
  };
}

type DeviceRequest =
  | { kind: 'device'; adapter: GPUAdapter; device: GPUDevice }
  | { kind: 'none'; reason: 'no-webgpu' | 'no-adapter' | 'refused' };

async function requestDevice(): Promise<DeviceRequest> {
  if (!('gpu' in navigator) || !navigator.gpu) return { kind: 'none', reason: 'no-webgpu' };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) return { kind: 'none', reason: 'no-adapter' };
  try {
    const device = await adapter.requestDevice({ requiredLimits: largestLimits(adapter) });
    return { kind: 'device', adapter, device };
  } catch {
    return { kind: 'none', reason: 'refused' };
  }
}

/** The adapter's name says when stock kernels are used, since rates measured with them do not hold for ours. */
function webgpuStatus({ info }: GPUAdapter, kernels: 'ours' | 'stock'): GpuStatus {
  const words = [info.vendor, info.architecture, info.description].filter((word) => word !== '');
  const software = looksLikeSoftware(info);
  const name = words.join(' ') || 'Unnamed adapter';
  const adapter = kernels === 'stock' ? `${name}, stock kernels` : name;
  return { backend: 'webgpu', adapter, software, advice: null };
}

function adviceFor(reason: 'no-webgpu' | 'no-adapter' | 'refused', backend: 'webgl' | 'cpu'): string {
  const why = {
    'no-webgpu': 'This browser does not offer WebGPU.',
    'no-adapter': 'This browser found no GPU that WebGPU may use.',
    refused: 'The GPU refused to start a WebGPU device.',
  }[reason];
  const instead =
    backend === 'webgl'
      ? 'Until then the studio works on WebGL, several times slower.'
      : 'Until then the studio works on the processor alone, very much slower.';
  return `${why} Use a current Chrome, Edge or Safari, update the graphics driver, and see that hardware acceleration is switched on in the browser's settings. ${instead}`;
}
