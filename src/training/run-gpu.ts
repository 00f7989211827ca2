/** @file What a run needs to know about its GPU; the worker implements it. */

import type { Refusal } from '../architectures/memory-fit';
import type { GpuCapacity, GpuStatus } from '../domain/protocol';

export interface GpuMemory {
  /** Live tensors, and the GPU bytes of tensors and of work under way. */
  tensorCount: number;
  gpuBytes: number;
  /** Bytes of all buffers that exist, and the most since the run started; null where they are not counted. */
  allocated: { bytes: number; peakBytes: number } | null;
}

export interface RunGpu {
  status: GpuStatus;
  /** @throws {StudioError} gpu-lost, out-of-memory or unexpected, when that happened since the run began. */
  check(): void;
  /** Resolves when {@link RunGpu.check} knows of every buffer that was asked for until now. */
  settle(): Promise<void>;
  measureMemory(): GpuMemory;
  /** What the device allows and what it has been seen to give. */
  capacity(): GpuCapacity;
  /** The tile that products use, by its measures; null where there is no choice or none was made yet. */
  tileChoice(): string | null;
  /** The first buffer that was refused since the run began, and what was in use then; null when none was. */
  refusal(): Refusal | null;
}
