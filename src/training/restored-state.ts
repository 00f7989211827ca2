/** @file What a run that is continued begins with: its checkpoint's state, and what differs from where it was cut off. */

import type { CheckpointState } from '../domain/checkpoint';
import { deviceName } from '../domain/device';
import { StudioError, toFailure } from '../domain/failure';
import type { CheckpointStore, ResumableCheckpoint } from '../storage/checkpoint-store';
import type { RunDevice } from './run-device';

/** A checkpoint with a state that this version can read. */
export type RestorableCheckpoint = ResumableCheckpoint & { state: CheckpointState };

/**
 * A run's last whole checkpoint; null when it has none yet.
 * @throws {StudioError} `bad-weights` when all are damaged, or when it is of another version.
 */
export async function readCheckpoint(
  runId: string,
  checkpoints: Pick<CheckpointStore, 'openToContinue'>,
): Promise<RestorableCheckpoint | null> {
  const opened = await restoring(async () => {
    try {
      return await checkpoints.openToContinue(runId);
    } catch (error) {
      if (error instanceof StudioError && error.code === 'not-found') return null;
      throw error;
    }
  });
  if (!opened) return null;
  const { state } = opened;
  if (state) return { ...opened, state };
  throw cannotContinue('Its checkpoint was written by another version of Thorax.');
}

/** Runs `work`, which reads the checkpoint. A failure concerns this run alone. @throws {StudioError} `bad-weights` */
export async function restoring<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, sentence } = toFailure(error);
    if (code === 'storage' || code === 'not-found') throw cannotContinue(sentence, error);
    throw error;
  }
}

function cannotContinue(reason: string, cause?: unknown): StudioError {
  return new StudioError('bad-weights', `This run cannot be continued. ${reason}`, { cause });
}

/**
 * What the record says of the devices, and sentences for the person: on damaged checkpoints, and where the numbers will not be
 * those of a run that was never cut off.
 */
export function continuedOn(
  { skipped, state }: RestorableCheckpoint,
  device: Pick<RunDevice, 'status' | 'tileChoice'>,
): { gpu: string; notes: string[] } {
  const { gpu, notes } = compareDevices(state, device);
  return { gpu, notes: [...skipped, ...notes] };
}

function compareDevices(
  { record: { gpu: before }, tileChoice }: CheckpointState,
  device: Pick<RunDevice, 'status' | 'tileChoice'>,
): { gpu: string; notes: string[] } {
  const now = deviceName(device.status);
  const last = before.split(THEN).at(-1);
  if (last !== now) {
    const sentence = `It began on ${last} and continues on ${now}, so its numbers differ in the last digits from those of a run that was never cut off.`;
    return { gpu: `${before}${THEN}${now}`, notes: [sentence] };
  }
  const tiles = device.tileChoice();
  const isTuned = tileChoice !== null && tiles !== null && tileChoice !== tiles;
  const sentence = `Its products now use tiles of ${tiles} instead of ${tileChoice}, so its numbers differ in the last digits from those of a run that was never cut off.`;
  return { gpu: before, notes: isTuned ? [sentence] : [] };
}

const THEN = ', then ';
