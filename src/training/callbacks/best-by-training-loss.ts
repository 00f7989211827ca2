/** @file Marks the epoch of lowest training loss, as the notebook's ModelCheckpoint(monitor='loss', save_best_only=True). */

import { type Callback, CONTINUE } from './callback';

/** `best` is infinite at the start of a run; a resumed run passes its own. */
export function bestByTrainingLoss(best = Number.POSITIVE_INFINITY): Callback {
  let lowest = best;
  return {
    onEpochEnd({ loss }) {
      if (!(loss < lowest)) return CONTINUE;
      lowest = loss;
      return { kind: 'best' };
    },
  };
}
