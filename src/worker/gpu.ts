/**
 * @file Starting TensorFlow.js on the best backend there is, and noticing when the device is lost or full.
 *
 * TensorFlow.js 4.22 asks for the WebGPU device itself and handles neither loss nor lack of memory (a buffer that could
 * not be made reads as zeros), so the device is requested here and watched.
 */

import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { StudioError } from '../domain/failure';
import type { GpuStatus } from '../domain/protocol';
import { limitIdleBuffers } from '../kernels/buffer-pool';
import { registerKernels } from '../kernels/register';

export interface Gpu {
  status: GpuStatus;
  /** @throws {StudioError} gpu-lost or out-of-memory, when that happened since the last {@link Gpu.forget}. */
  check(): void;
  /** A new run starts with a clean slate; a lost device stays lost. */
  forget(): void;
}

/** @param kernels `stock` leaves TensorFlow.js' own kernels in place, for comparison. */
export async function startGpu(kernels: 'ours' | 'stock'): Promise<Gpu> {
  const found = await requestDevice();
  if (found.kind === 'device') {
    const watch = watchDevice(found.device);
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => newBackend(found.device, found.adapter.info), 3);
    await tf.setBackend('webgpu');
    await tf.ready();
    // Input gradients of convolutions through the tiled product instead of the naive loop.
    tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
    if (kernels === 'ours') registerKernels();
    return { status: webgpuStatus(found.adapter), ...watch };
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
    return { status, check: () => undefined, forget: () => undefined };
  }
  throw new StudioError('no-gpu', adviceFor(found.reason, 'cpu'));
}

/** Live tensors, and bytes of all GPU buffers (in use and pooled) where the backend counts them. */
export function measureMemory(): { tensorCount: number; gpuBytes: number } {
  const memory = tf.memory() as tf.MemoryInfo & { numBytesInGPU?: number };
  return { tensorCount: memory.numTensors, gpuBytes: memory.numBytesInGPU ?? memory.numBytes };
}

type DeviceRequest =
  | { kind: 'device'; adapter: GPUAdapter; device: GPUDevice }
  | { kind: 'none'; reason: 'no-webgpu' | 'no-adapter' | 'refused' };

async function requestDevice(): Promise<DeviceRequest> {
  if (!('gpu' in navigator) || !navigator.gpu) return { kind: 'none', reason: 'no-webgpu' };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) return { kind: 'none', reason: 'no-adapter' };
  const { limits } = adapter;
  try {
    const device = await adapter.requestDevice({
      requiredLimits: {
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxBufferSize: limits.maxBufferSize,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      },
    });
    return { kind: 'device', adapter, device };
  } catch {
    return { kind: 'none', reason: 'refused' };
  }
}

function newBackend(device: GPUDevice, info: GPUAdapterInfo): WebGPUBackend {
  const backend = new WebGPUBackend(device, info);
  limitIdleBuffers(backend);
  return backend;
}

function watchDevice(device: GPUDevice): Pick<Gpu, 'check' | 'forget'> {
  let lost: StudioError | null = null;
  let failed: StudioError | null = null;
  void device.lost.then(({ reason, message }) => {
    if (reason === 'destroyed') return;
    const sentence =
      'The GPU was lost while working (its driver restarted, or the system took it away). Reload the page; finished epochs are saved.';
    lost = new StudioError('gpu-lost', sentence, { cause: message });
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    failed ??=
      error instanceof GPUOutOfMemoryError
        ? new StudioError(
            'out-of-memory',
            'The GPU ran out of memory. Choose a smaller Batch size or Input size and start again.',
            { cause: error.message },
          )
        : new StudioError('unexpected', 'The GPU refused a command, so the numbers could no longer be trusted.', {
            cause: error.message,
          });
  });
  return {
    check: () => {
      const error = lost ?? failed;
      if (error) throw error;
    },
    forget: () => {
      failed = null;
    },
  };
}

function webgpuStatus({ info }: GPUAdapter): GpuStatus {
  const words = [info.vendor, info.architecture, info.description].filter((word) => word !== '');
  const software = info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(words.join(' '));
  return { backend: 'webgpu', adapter: words.join(' ') || 'Unnamed adapter', software, advice: null };
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
