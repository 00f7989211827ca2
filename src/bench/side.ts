/** @file One side of a comparison: a backend of TensorFlow.js with a device of its own. */

import type { StudioError } from '../domain/failure';
import type { MeasuredSide } from './side-name';

export interface Side {
  name: MeasuredSide;
  tally: MemoryTally;
  /** Bytes that hold something, without what a pool keeps for later. */
  usedBytes(): number;
  /** Errors of the device so far. */
  errors: readonly StudioError[];
  /** Makes this side TensorFlow.js' backend. */
  activate(): Promise<void>;
  /** Sends what is recorded and waits until the device has nothing left to do. */
  drain(): Promise<void>;
  /** @throws {StudioError} out-of-memory, gpu-lost or unexpected, when that happened. */
  check(): void;
  close(): Promise<void>;
}

/** Of all GPU buffers, idle ones included; of the processor's memory what is in use. */
export interface MemoryTally {
  readonly bytes: number;
  readonly peakBytes: number;
  /** What the processor's memory has grown to. */
  readonly heapBytes?: number;
}
