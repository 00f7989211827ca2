/** @file The device that the studio worker computes on, whichever it is. */

import type { RunDevice } from '../training/run-device';

/** Checks hold for all work since the last {@link Device.forget}. */
export interface Device extends RunDevice {
  /** True once it can compute nothing more, without {@link Device.stop}: another one has to be started. */
  isLost(): boolean;
  /** Forgets earlier errors before new work; a lost device stays lost. */
  forget(): void;
  /** After work: waits for all commands and their errors, and frees idle memory. */
  rest(): Promise<void>;
  /** Finds the tiles that suit this device, or reads them from storage. Called before every run; later calls do nothing. */
  tuneKernels(): Promise<void>;
  /** GFLOP/s of the best of a few matrix products; null where that cannot be timed. */
  measureProduct(): Promise<number | null>;
  /** Ends its threads and frees all of its memory; it must not be used afterwards. Called again, it does nothing. */
  stop(): void;
}

/** A device that has been started; what there is besides is added where it was chosen. */
export type StartedDevice = Omit<Device, 'status'>;
