/** @file Marks the epoch of lowest training loss, as the notebook's ModelCheckpoint(monitor='loss', save_best_only=True). */

import type { RunRecord } from '../../domain/run';
import { type Callback, CONTINUE } from './callback';

/**
 * The first epoch of equal loss stays the best; a loss that is not a number never is.
 * @param record of the run: an epoch is compared with the best one whose weights are kept.
 */
export function bestByTrainingLoss(record: Pick<RunRecord, 'epochs' | 'bestEpoch'>): Callback {
  return {
    name: 'bestByTrainingLoss',
    onEpochEnd({ loss }) {
      const best = record.epochs.find(({ epoch }) => epoch === record.bestEpoch);
      const lowest = best?.loss ?? Number.POSITIVE_INFINITY;
      return loss < lowest ? { kind: 'best' } : CONTINUE;
    },
  };
}
