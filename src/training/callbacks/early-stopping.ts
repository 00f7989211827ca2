/** @file Ends a run whose validation loss no longer falls, as Keras' EarlyStopping(monitor='val_loss', patience=...). */

import { type Callback, CONTINUE } from './callback';

/**
 * As in Keras with `min_delta=0` and `restore_best_weights=False`: an equal loss is no improvement, and the last weights stay
 * those of the last epoch. Source: keras/src/callbacks/early_stopping.py.
 * @param patience epochs in a row without a lower validation loss, after which the run ends.
 */
export function earlyStopping(patience: number): Callback {
  let lowest = Number.POSITIVE_INFINITY;
  let lowestEpoch = 0;
  let wait = 0;
  return {
    name: 'earlyStopping',
    onEpochEnd({ epoch, validationLoss }) {
      if (validationLoss === null) return CONTINUE;
      // Keras compares in float32: what is lower by rounding alone is no improvement.
      const loss = Math.fround(validationLoss);
      if (loss < lowest) {
        [lowest, lowestEpoch, wait] = [loss, epoch, 0];
        return CONTINUE;
      }
      wait += 1;
      return wait >= patience ? { kind: 'stop', lowestEpoch } : CONTINUE;
    },
    state: (): Record<string, number> => (lowestEpoch > 0 ? { lowest, lowestEpoch, wait } : {}),
    restore(state) {
      lowest = state.lowest ?? Number.POSITIVE_INFINITY;
      lowestEpoch = state.lowestEpoch ?? 0;
      wait = state.wait ?? 0;
    },
  };
}
