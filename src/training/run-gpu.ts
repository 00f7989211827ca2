/** @file What a run asks of the GPU it trains on; the worker answers. */

import type { Refusal } from '../architectures/memory-fit';
import type { GpuRoom, GpuStatus } from '../domain/protocol';

export interface GpuMemory {
  /** Live tensors and the GPU bytes they and what is under way take. */
  tensorCount: number;
  gpuBytes: number;
  /** Bytes of all buffers that exist, and the most of them since the run began; null where nobody counts them. */
  allocated: { bytes: number; peakBytes: number } | null;
}

export interface RunGpu {
  status: GpuStatus;
  /** @throws {StudioError} gpu-lost, out-of-memory or unexpected, when that happened since the run began. */
  check(): void;
  /** Resolves when {@link RunGpu.check} knows of every buffer that was asked for until now. */
  settle(): Promise<void>;
  measureMemory(): GpuMemory;
  room(): GpuRoom;
  /** The tile that products take, by its measures; null where there is no choice or none was made yet. */
  tileChoice(): string | null;
  /** The first buffer that was refused since the run began, and what was in use then; null when none was. */
  refusal(): Refusal | null;
}
