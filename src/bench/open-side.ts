/** @file Opens a side of a comparison on the device that the run measures. */

import type { DeviceKind } from '../domain/device';
import { openProcessorSide } from './processor-side';
import type { Side } from './side';
import type { MeasuredSide } from './side-name';
import { openWebgpuSide } from './webgpu-side';

export interface Conditions {
  /** What "ours" computes on. */
  device: DeviceKind;
  /** Of the processor; null: as many as it has. */
  threads: number | null;
}

/** A side with a clean count of its memory. @throws {StudioError} no-gpu */
export async function openSide(name: MeasuredSide, { device, threads }: Conditions): Promise<Side> {
  if (name === 'ours' && device === 'processor') return await openProcessorSide(threads);
  return await openWebgpuSide(name);
}
