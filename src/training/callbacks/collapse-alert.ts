/** @file Notices a run that seems to learn nothing any more. It ends nothing: the person decides. */

import type { Prediction } from '../../domain/run';
import { predictedClass } from '../../metrics/accuracy';
import { type Callback, CONTINUE } from './callback';

/** A sign must be seen in so many epochs in a row. */
const EPOCHS = 5;

/** The first epochs do not count: a network that begins to learn passes through both signs. */
const FIRST_EPOCHS = 2;

/** A loss below this share of guessing is better than guessing. */
const BETTER_SHARE = 0.98;

/**
 * Returns `collapsed` after every epoch at whose end one of the two signs has been seen for five epochs in a row: all
 * validation images, of two classes or more, are predicted as one class, be it now this and now that one; or the training loss is
 * no better than guessing, and has not fallen in each of the five.
 * @param settlingEpochs epochs until BatchNorm's moving statistics stand for the images; predictions before them say nothing
 *   about what was learned.
 * @param guessLoss training loss of a network that always predicts the shares of the classes.
 */
export function collapseAlert(settlingEpochs: number, guessLoss: number): Callback {
  let oneClass = 0;
  let guessing = 0;
  let firstLoss = Number.NaN;
  /** Of the last epochs, at most {@link EPOCHS}. */
  let losses: number[] = [];
  return {
    name: 'collapseAlert',
    onEpochEnd({ epoch, loss }, validation) {
      if (Number.isNaN(firstLoss)) firstLoss = loss;
      losses = [...losses, loss].slice(-EPOCHS);
      const classIndex = epoch > Math.max(FIRST_EPOCHS, settlingEpochs) ? onlyClassOf(validation) : null;
      oneClass = classIndex === null ? 0 : oneClass + 1;
      guessing = epoch > FIRST_EPOCHS && loss >= BETTER_SHARE * guessLoss ? guessing + 1 : 0;
      if (classIndex !== null && oneClass >= EPOCHS) {
        return { kind: 'collapsed', collapse: { sign: 'oneClass', epochs: oneClass, classIndex } };
      }
      const isFalling = losses.every((value, index) => index === 0 || value < losses[index - 1]);
      if (guessing < EPOCHS || isFalling) return CONTINUE;
      return { kind: 'collapsed', collapse: { sign: 'flatLoss', epochs: guessing, loss, firstLoss, guessLoss } };
    },
    state: (): Record<string, number> => {
      if (losses.length === 0) return {};
      const recent = losses.map((loss, index) => [`loss${index}`, loss]);
      return { firstLoss, guessing, oneClass, ...Object.fromEntries(recent) };
    },
    restore(state) {
      firstLoss = state.firstLoss ?? Number.NaN;
      guessing = state.guessing ?? 0;
      oneClass = state.oneClass ?? 0;
      losses = Array.from({ length: EPOCHS }, (_, index) => state[`loss${index}`]).filter((loss) => loss !== undefined);
    },
  };
}

/** The class that all images were predicted as; null where there were several, or where the images are of one class anyway. */
function onlyClassOf(validation: readonly Prediction[]): number | null {
  if (new Set(validation.map(({ classIndex }) => classIndex)).size < 2) return null;
  const predicted = new Set(validation.map(({ probabilities }) => predictedClass(probabilities)));
  const [only] = predicted;
  return predicted.size === 1 ? only : null;
}
