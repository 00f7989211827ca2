/**
 * @file Counts what a WebGPU device really holds and runs: bytes at buffer creation and destruction, and dispatches.
 *
 * Wraps the methods of the WebGPU classes themselves, so that stock and ours are counted alike, pools included.
 */

export interface GpuTally {
  /** Bytes of all buffers that exist now. */
  bytes: number;
  peakBytes: number;
}

const tallies = new WeakMap<GPUDevice, GpuTally>();
/** Buffers that exist, with what counts them. */
const sizes = new WeakMap<GPUBuffer, { tally: GpuTally; size: number }>();
let dispatches = 0;
let watching = false;

/** Begins to count; devices made before are counted from here on. Calling it again does nothing. */
export function watchGpu(): void {
  if (watching) return;
  watching = true;
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    const tally = tallyOf(this);
    const size = Number(descriptor.size);
    tally.bytes += size;
    tally.peakBytes = Math.max(tally.peakBytes, tally.bytes);
    sizes.set(buffer, { tally, size });
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    const counted = sizes.get(this);
    if (counted) counted.tally.bytes -= counted.size;
    sizes.delete(this);
    return destroy.call(this);
  };
  const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...counts) {
    dispatches += 1;
    return dispatchWorkgroups.apply(this, counts);
  };
  GPUComputePassEncoder.prototype.dispatchWorkgroupsIndirect = function (...args) {
    dispatches += 1;
    return dispatchWorkgroupsIndirect.apply(this, args);
  };
}

/** The counts of one device. */
export function tallyOf(device: GPUDevice): GpuTally {
  let tally = tallies.get(device);
  if (!tally) {
    tally = { bytes: 0, peakBytes: 0 };
    tallies.set(device, tally);
  }
  return tally;
}

/** Dispatches of all devices since {@link watchGpu}. */
export function dispatchCount(): number {
  return dispatches;
}
