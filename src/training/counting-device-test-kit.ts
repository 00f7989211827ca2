/** @file A WebGPU device that computes nothing and counts buffers: what a step needs is measured without a GPU. For tests only. */

import { vi } from 'vitest';

const LARGE_BYTES = 2 ** 20;

export interface BufferCount {
  bytes: number;
  peakBytes: number;
  /** Buffers of a MiB or more that were made. */
  largeMade: number;
  groupsMade: number;
}

class CountedBuffer {
  readonly mapState = 'unmapped';
  isDestroyed = false;

  constructor(
    readonly size: number,
    readonly usage: number,
    private readonly count: BufferCount,
  ) {
    count.bytes += size;
    count.peakBytes = Math.max(count.peakBytes, count.bytes);
    if (size >= LARGE_BYTES) count.largeMade += 1;
  }

  getMappedRange(): ArrayBuffer {
    return new ArrayBuffer(this.size);
  }

  unmap(): void {}

  destroy(): void {
    if (!this.isDestroyed) this.count.bytes -= this.size;
    this.isDestroyed = true;
  }
}

interface CountedGroup {
  buffers: CountedBuffer[];
}

/** Makes the globals of WebGPU, too; `vi.unstubAllGlobals()` takes them away. Binding a destroyed buffer throws. */
export function countingDevice(): { device: GPUDevice; info: GPUAdapterInfo; count: BufferCount } {
  const count: BufferCount = { bytes: 0, peakBytes: 0, largeMade: 0, groupsMade: 0 };
  const flags = (names: string[]) => Object.fromEntries(names.map((name, i) => [name, 2 ** i]));
  const usages = ['MAP_READ', 'MAP_WRITE', 'COPY_SRC', 'COPY_DST', 'INDEX', 'VERTEX', 'UNIFORM', 'STORAGE', 'INDIRECT'];
  // TensorFlow.js asks whether it is there before it takes the device that it is given.
  vi.stubGlobal('navigator', { gpu: {} });
  vi.stubGlobal('GPUBufferUsage', flags(usages));
  vi.stubGlobal('GPUShaderStage', flags(['VERTEX', 'FRAGMENT', 'COMPUTE']));
  vi.stubGlobal('GPUBuffer', CountedBuffer);
  vi.stubGlobal('GPUTexture', class {});
  vi.stubGlobal('GPUExternalTexture', class {});
  const pass = {
    setPipeline: () => undefined,
    setBindGroup: (_index: number, { buffers }: CountedGroup) => {
      if (buffers.some(({ isDestroyed }) => isDestroyed)) throw new Error('A destroyed buffer is bound.');
    },
    dispatchWorkgroups: () => undefined,
    end: () => undefined,
  };
  const encoder = { beginComputePass: () => pass, copyBufferToBuffer: () => undefined, finish: () => ({}) };
  const pipeline = { getBindGroupLayout: () => ({}) };
  const device = {
    // What WebGPU promises everywhere.
    limits: {
      maxBufferSize: 2 ** 28,
      maxStorageBufferBindingSize: 2 ** 27,
      maxComputeWorkgroupsPerDimension: 65535,
      maxComputeWorkgroupSizeX: 256,
      maxComputeWorkgroupSizeY: 256,
      maxComputeWorkgroupSizeZ: 64,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupStorageSize: 16384,
    },
    features: new Set(),
    lost: new Promise(() => undefined),
    queue: { writeBuffer: () => undefined, submit: () => undefined },
    createBuffer: ({ size, usage }: GPUBufferDescriptor) => new CountedBuffer(size, usage, count),
    createBindGroup: ({ entries }: { entries: { resource: { buffer: CountedBuffer } }[] }): CountedGroup => {
      count.groupsMade += 1;
      return { buffers: entries.map(({ resource }) => resource.buffer) };
    },
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({}),
    createComputePipeline: () => pipeline,
    createCommandEncoder: () => encoder,
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
  };
  const info = { vendor: 'none', architecture: 'counting', device: '', description: '' };
  return { device: device as unknown as GPUDevice, info: info as GPUAdapterInfo, count };
}
