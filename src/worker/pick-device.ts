/** @file The rule by which the device is chosen among those that there are. */

import { DEVICE_KINDS, DEVICE_NAMES, type DeviceKind } from '../domain/device';
import { StudioError } from '../domain/failure';
import { type FoundDevices, HOW_TO_GET_WEBGPU } from './find-devices';

export interface DeviceWish {
  /** The word of `?device=` in the page's address; it is obeyed or refused. */
  forced: string | null;
  /** What the person chose before; it is obeyed where it still exists. */
  remembered: string | null;
}

/**
 * A real GPU by WebGPU; else the processor, which computes many times faster than an adapter that is itself computed on the processor.
 * @throws {StudioError} no-gpu, when what is forced does not exist, or nothing does.
 */
export function pickDevice(
  { adapter, software, choices }: FoundDevices,
  { forced, remembered }: DeviceWish,
): DeviceKind {
  const there = (kind: DeviceKind) => choices[kind].unavailable === null;
  if (forced !== null) {
    const kind = DEVICE_KINDS.find((known) => known === forced);
    const without = 'Open the address without "device=" to have the device chosen.';
    if (!kind) {
      throw new StudioError('no-gpu', `There is no device named "${forced}": use webgpu or processor. ${without}`);
    }
    if (!there(kind)) {
      const sentence = `The address asks for the device ${DEVICE_NAMES[kind]}. ${choices[kind].unavailable} ${without}`;
      throw new StudioError('no-gpu', sentence);
    }
    return kind;
  }
  const kept = DEVICE_KINDS.find((known) => known === remembered);
  if (kept && there(kept)) return kept;
  if (adapter && !software) return 'webgpu';
  if (there('processor')) return 'processor';
  if (adapter) return 'webgpu';
  throw new StudioError(
    'no-gpu',
    `${choices.webgpu.unavailable} ${choices.processor.unavailable} ${HOW_TO_GET_WEBGPU}`,
  );
}
