/** @file A processor device whose kernels do nothing and whose memory stays untouched, but is given and freed as ever. */

import { vi } from 'vitest';
import { Heap } from '../kernels/processor/heap';
import { RESERVED_BYTES, SCRATCH_BYTES } from '../kernels/processor/job-board';
import type { ProcessorDevice } from '../kernels/processor/processor-device';

/** Values of this many elements are not written: a network at its full size would take some GB for nothing. */
const LARGE_SIZE = 2 ** 16;

/** Large arrays are neither copied nor filled until `vi.restoreAllMocks`. */
export function countingProcessor(threadCount: number): ProcessorDevice {
  const { set, fill } = Float32Array.prototype;
  vi.spyOn(Float32Array.prototype, 'set').mockImplementation(function (this: Float32Array, ...values) {
    if (this.length < LARGE_SIZE) set.apply(this, values);
  });
  vi.spyOn(Float32Array.prototype, 'fill').mockImplementation(function (this: Float32Array, ...value) {
    return this.length < LARGE_SIZE ? fill.apply(this, value) : this;
  });
  const heap = new Heap(RESERVED_BYTES);
  for (let thread = 0; thread < threadCount; thread += 1) heap.allocate(SCRATCH_BYTES);
  const device: Pick<ProcessorDevice, 'heap' | 'run'> = { heap, run: () => undefined };
  return device as ProcessorDevice;
}
