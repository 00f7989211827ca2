/** @file What a run needs to know about its device; the worker implements it. */

import type { Refusal } from '../architectures/memory-fit';
import type { DeviceCapacity, DeviceStatus } from '../domain/device';

export interface DeviceMemory {
  /** Live tensors, and the device's bytes of tensors and of work under way. */
  tensorCount: number;
  usedBytes: number;
  /** Bytes of all memory that is held, and the most since the run started; null where they are not counted. */
  allocated: { bytes: number; peakBytes: number } | null;
}

export interface RunDevice {
  status: DeviceStatus;
  /** True where programs are compiled for the device before the first batch. */
  compilesPrograms: boolean;
  /** @throws {StudioError} gpu-lost, out-of-memory or unexpected, when that happened since the run began. */
  check(): void;
  /**
   * Resolves when {@link RunDevice.check} knows of all memory that was asked for until now.
   * @param failure what the work before has thrown: a loss of the device that caused it may be reported later, and is awaited
   */
  settle(failure?: unknown): Promise<void>;
  measureMemory(): DeviceMemory;
  /** What the device allows and what it has been seen to give. */
  capacity(): DeviceCapacity;
  /** The tile that products use, by its measures; null where there is no choice or none was made yet. */
  tileChoice(): string | null;
  /** The first memory that was refused since the run began, and what was in use then; null when none was. */
  refusal(): Refusal | null;
}
