/** @file What computes: WebGPU or the processor. Its state as the page shows it, and its name in run records. */

export const DEVICE_KINDS = ['webgpu', 'processor'] as const;

export type DeviceKind = (typeof DEVICE_KINDS)[number];

export const DEVICE_NAMES: Record<DeviceKind, string> = { webgpu: 'WebGPU', processor: 'Processor' };

/** One of the devices that a person may choose among. */
export interface DeviceChoice {
  kind: DeviceKind;
  /** What it computes on, in a few words; null where it is not there. */
  detail: string | null;
  /** Why this machine or browser does not have it, in a sentence; null where it can be chosen. */
  unavailable: string | null;
}

export interface DeviceStatus {
  backend: DeviceKind;
  /** Vendor and architecture as the browser reports them, or the processor with its threads. */
  adapter: string;
  /** How many threads compute; null for WebGPU, which does not say. */
  threads: number | null;
  /** True when WebGPU is computed on the processor. */
  software: boolean;
  /** Why it computes slower than it could, in a few words; null where it does not. */
  limit: string | null;
  /** What is missing and what to do about it; null when nothing is. */
  advice: string | null;
  /** All kinds, in one order. */
  choices: DeviceChoice[];
}

/** How much memory the device can give, in bytes. */
export interface DeviceCapacity {
  kind: DeviceKind;
  /** The largest single block that the device can make and bind. */
  bufferBytes: number;
  /** More than this it can never give in all; null where that is not known. */
  limitBytes: number | null;
  /** What the device gave before it refused; null while it never has. */
  knownBytes: number | null;
}

/** Names a device in run records, so that measurements can be attributed to it. */
export function deviceName({ adapter, backend }: Pick<DeviceStatus, 'adapter' | 'backend'>): string {
  return `${adapter} (${backend})`;
}

/** The device's memory in a sentence: `2 GB of …`. */
export function memoryWords(kind: DeviceKind): string {
  switch (kind) {
    case 'webgpu':
      return 'GPU memory';
    case 'processor':
      return 'memory';
    default:
      return kind satisfies never;
  }
}
