/** @file Opens a run's stored weights, and only those that its record speaks of. */

import { StudioError } from '../domain/failure';
import { canContinue } from '../domain/recovery';
import { keptWeights, lastKeptOf, placeWords, type RunPlace, type RunRecord, type WeightsKind } from '../domain/run';
import type { CheckpointStore, OpenCheckpoint } from '../storage/checkpoint-store';

/**
 * Opens one of a run's two sets of weights.
 * @throws {StudioError} `not-found` when the run never had them, or when they were removed since; `storage` when they are
 * damaged: those of an earlier epoch are never opened in their place.
 */
export async function openWeights(
  checkpoints: Pick<CheckpointStore, 'open'>,
  record: RunRecord,
  kind: WeightsKind,
): Promise<OpenCheckpoint> {
  if (!keptWeights(record).includes(kind)) throw new StudioError('not-found', neverKept(record, kind));
  const opened = await checkpoints.open(record.id, kind).catch((cause: unknown) => {
    if (!(cause instanceof StudioError && cause.code === 'not-found')) throw cause;
    const sentence = `The ${kind} weights of this run are no longer stored: they were removed, perhaps in another tab. Reload the page.`;
    throw new StudioError('not-found', sentence, { cause });
  });
  // A run that was cut off may have stored newer ones than its record knows of.
  if (isBefore(opened, placeOf(record, kind))) {
    const advice = canContinue(record) ? 'Continue the run: it goes on from there.' : 'Train the run again.';
    const sentence = `The weights ${placeWords(opened)} can be read, but this run speaks of later ones.`;
    throw new StudioError('storage', [...opened.skipped, sentence, advice].join(' '));
  }
  return opened;
}

function placeOf(record: RunRecord, kind: WeightsKind): RunPlace | null {
  if (kind === 'last') return lastKeptOf(record);
  return record.bestEpoch === null ? null : { epoch: record.bestEpoch, step: 0 };
}

function isBefore(opened: RunPlace, recorded: RunPlace | null): boolean {
  if (recorded === null) return false;
  return opened.epoch < recorded.epoch || (opened.epoch === recorded.epoch && opened.step < recorded.step);
}

function neverKept({ status, epochs, weightsDeleted, unkeptEpochs }: RunRecord, kind: WeightsKind): string {
  if (weightsDeleted) return 'The weights of this run were deleted; its curves and predictions are kept.';
  if (epochs.length === 0) return `This run has no ${kind} weights: it ended before its first epoch did.`;
  if (unkeptEpochs && (kind === 'best' || status !== 'diverged')) {
    return `The ${kind} weights of this run could not be stored: there was no room for them.`;
  }
  if (kind === 'best')
    return 'This run has no best weights: no epoch of it ended with a finite loss and finite predictions.';
  return `This run has no last weights: it is ${status}, and they predict no finite numbers.`;
}
