/** @file Opens a run's stored weights. When there are none, the run's record tells whether there ever were. */

import { StudioError } from '../domain/failure';
import { keptWeights, type RunRecord, type WeightsKind } from '../domain/run';
import type { CheckpointStore, OpenCheckpoint } from '../storage/checkpoint-store';

/**
 * Opens one of a run's two sets of weights.
 * @throws {StudioError} `not-found` when the run never had them, or when they were removed since; `storage` when they are
 * damaged.
 */
export async function openWeights(
  checkpoints: Pick<CheckpointStore, 'open'>,
  record: RunRecord,
  kind: WeightsKind,
): Promise<OpenCheckpoint> {
  if (!keptWeights(record).includes(kind)) throw new StudioError('not-found', neverKept(record, kind));
  try {
    return await checkpoints.open(record.id, kind);
  } catch (cause) {
    if (!(cause instanceof StudioError && cause.code === 'not-found')) throw cause;
    const sentence = `The ${kind} weights of this run are no longer stored: they were removed, perhaps in another tab. Reload the page.`;
    throw new StudioError('not-found', sentence, { cause });
  }
}

function neverKept({ status, epochs, weightsDeleted }: RunRecord, kind: WeightsKind): string {
  if (weightsDeleted) return 'The weights of this run were deleted; its curves and predictions are kept.';
  if (epochs.length === 0) return `This run has no ${kind} weights: it ended before its first epoch did.`;
  if (kind === 'best')
    return 'This run has no best weights: no epoch of it ended with a finite loss and finite predictions.';
  return `This run has no last weights: it is ${status}, and they predict no finite numbers.`;
}
