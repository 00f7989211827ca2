/**
 * @file What happens when a run loses what it runs on: the GPU, or the worker that trains.
 *
 * Both are started anew and the run continues from its last checkpoint. If that loss comes again before a new checkpoint is kept,
 * going on would only repeat it: the run is held, and the person is told what may help.
 */

import type { Recipe } from './recipe';
import type { RunRecord } from './run';

/** So many losses in a row, without a new checkpoint between them, hold a run. */
export const MAX_LOSSES = 2;

/** Losses in a row with the one that has just happened. */
export function countLosses(before: number, hasSaved: boolean): number {
  return (hasSaved ? 0 : before) + 1;
}

/** @param lost for example `The GPU was lost` */
export function heldSentence(lost: string, { batchSize }: Recipe): string {
  const advice =
    batchSize > 1
      ? `train with a Batch size smaller than ${batchSize}, which needs less memory`
      : 'train with a smaller Input size, which needs less memory';
  return `${lost} twice in a row before this run could keep a new checkpoint. The run is held, and the queue with it: ${advice}, or click Continue run to try this one once more.`;
}

/**
 * True for a run that was cut off, or failed, and can go on from its checkpoint; where it has none yet, from its start. So can one
 * that finished without room for its last weights, to train them again. One that was stopped has ended as the person wanted, and
 * so has one whose weights were deleted.
 */
export function canContinue({
  status,
  lastKept,
  weightsDeleted,
}: Pick<RunRecord, 'status' | 'lastKept' | 'weightsDeleted'>): boolean {
  if (weightsDeleted) return false;
  return status === 'interrupted' || status === 'failed' || (status === 'finished' && lastKept === null);
}

/** True for a run that will not go on: what only going on would need can be removed. */
export function isOver({ status, lastKept }: Pick<RunRecord, 'status' | 'lastKept'>): boolean {
  return status === 'diverged' || (status === 'finished' && lastKept !== null);
}
