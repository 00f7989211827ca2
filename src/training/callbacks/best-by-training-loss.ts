/** @file Marks the epoch of lowest training loss, as the notebook's ModelCheckpoint(monitor='loss', save_best_only=True). */

import { type Callback, CONTINUE } from './callback';

/** The first epoch of equal loss stays the best; a loss that is not a number never is. */
export function bestByTrainingLoss(): Callback {
  let lowest = Number.POSITIVE_INFINITY;
  return {
    name: 'bestByTrainingLoss',
    onEpochEnd({ loss }) {
      if (!(loss < lowest)) return CONTINUE;
      lowest = loss;
      return { kind: 'best' };
    },
    state: (): Record<string, number> => (Number.isFinite(lowest) ? { loss: lowest } : {}),
    restore({ loss = Number.POSITIVE_INFINITY }) {
      lowest = loss;
    },
  };
}
