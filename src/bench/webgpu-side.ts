/**
 * @file The sides on WebGPU: TensorFlow.js' own kernels and ours, each a backend with a device of its own.
 *
 * Two devices, so that each side's memory is counted from a clean state and neither meets the other's pooled buffers;
 * two backend names, so that changing sides between two steps registers nothing anew.
 */

import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { StudioError } from '../domain/failure';
import { looksLikeSoftware } from '../kernels/webgpu/adapter-kind';
import { type BufferPool, limitIdleBuffers } from '../kernels/webgpu/buffer-pool';
import { registerKernels } from '../kernels/webgpu/register';
import { largestLimits } from '../kernels/webgpu/request-limits';
import { searchTiles, type TileChoice, takeTiles } from '../kernels/webgpu/tile-search';
import { tallyOf, watchGpu } from './gpu-tally';
import type { Side } from './side';
import type { MeasuredSide } from './side-name';

/** Kernels are registered by backend name; ours know but the first. */
const OURS = 'webgpu';
const STOCK = 'webgpu-stock';

export interface AdapterFacts {
  /** Vendor, architecture and description. */
  name: string;
  /** The processor computes. */
  software: boolean;
}

let prepared = false;
/** What the search found for this adapter, once there was one. */
let tiles: TileChoice | null | undefined;

function prepareKernels(): void {
  if (prepared) return;
  prepared = true;
  watchGpu();
  tf.copyRegisteredKernels(OURS, STOCK);
  registerKernels();
}

/** True where WebGPU finds an adapter. */
export async function hasAdapter(): Promise<boolean> {
  return await requestAdapter().then(
    () => true,
    () => false,
  );
}

/** @throws {StudioError} no-gpu */
async function requestAdapter(): Promise<GPUAdapter> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return adapter;
  throw new StudioError('no-gpu', gpu ? 'WebGPU found no adapter.' : 'There is no WebGPU here.');
}

/** @throws {StudioError} no-gpu */
export async function describeAdapter(): Promise<AdapterFacts> {
  const { info } = await requestAdapter();
  const words = [info.vendor, info.architecture, info.description].filter((word) => word !== '');
  const name = words.join(' ') || 'Unnamed adapter';
  return { name, software: looksLikeSoftware(info) };
}

/** A fresh device. @throws {StudioError} no-gpu */
export async function openWebgpuSide(name: MeasuredSide): Promise<Side> {
  prepareKernels();
  const adapter = await requestAdapter();
  const device = await adapter.requestDevice({ requiredLimits: largestLimits(adapter) });
  const isStock = name === 'stock';
  const backendName = isStock ? STOCK : OURS;
  const backend = new WebGPUBackend(device, adapter.info);
  // As worker/start-webgpu.ts does it; stock keeps TensorFlow.js' own pool.
  const pool = isStock ? null : limitIdleBuffers(backend);
  const errors = watchFailures(device);
  if (tf.findBackendFactory(backendName)) tf.removeBackend(backendName);
  tf.registerBackend(backendName, () => backend, 3);
  if (!isStock) await tuneKernels(backend);
  return {
    name,
    tally: tallyOf(device),
    usedBytes: () => backend.bufferManager.numBytesUsed,
    errors,
    check: () => {
      const failure = shortageOf(pool) ?? errors.at(0);
      if (failure) throw failure;
    },
    activate: async () => {
      // What the studio sets for its own kernels; stock keeps its default.
      tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', isStock);
      await tf.setBackend(backendName);
      await tf.ready();
    },
    drain: async () => {
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.submitQueue();
      await device.queue.onSubmittedWorkDone();
      await pool?.settle();
    },
    close: async () => {
      await tf.setBackend('cpu');
      tf.removeBackend(backendName);
      device.destroy();
    },
  };
}

/** As the studio does before a run, with the same tiles for every device of ours. */
async function tuneKernels(backend: WebGPUBackend): Promise<void> {
  if (tiles) takeTiles(backend.device, tiles);
  if (tiles !== undefined) return;
  await tf.setBackend(OURS);
  await tf.ready();
  tiles = await searchTiles(backend);
}

/** The list grows with each error of the device. */
function watchFailures(device: GPUDevice): StudioError[] {
  const errors: StudioError[] = [];
  void device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') errors.push(new StudioError('gpu-lost', `The device was lost: ${message}`));
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    errors.push(
      error instanceof GPUOutOfMemoryError
        ? new StudioError('out-of-memory', 'The GPU ran out of memory.', { cause: error.message })
        : new StudioError('unexpected', `The GPU refused a command: ${error.message}`),
    );
  });
  return errors;
}

/** Our pool requests large buffers in error scopes, whose errors the device's own event does not report. */
function shortageOf(pool: BufferPool | null): StudioError | null {
  if (!pool?.shortage) return null;
  const { askedBytes, givenBytes } = pool.shortage;
  return new StudioError('out-of-memory', 'The GPU ran out of memory.', {
    cause: `${askedBytes} bytes asked for, ${givenBytes} given`,
  });
}
