import { describe, expect, it } from 'vitest';
import type { EpochLog, Prediction } from '../../domain/run';
import type { Callback } from './callback';
import { collapseAlert } from './collapse-alert';

interface Epoch {
  loss?: number;
  /** The class that each validation image, of classes 0, 0, 1 and 1, is predicted as. */
  predicted?: number[];
}

/** Two classes of equal size. */
const GUESS_LOSS = Math.log(2);

const LEARNING: Epoch = { predicted: [0, 0, 1, 1] };

function predictions(predicted: number[], classes = [0, 0, 1, 1]): Prediction[] {
  return predicted.map((index, i) => ({
    path: `${i}`,
    classIndex: classes[i],
    probabilities: [0, 1].map((at) => (at === index ? 0.6 : 0.4)),
  }));
}

/** What is said after each epoch: the sign and the number of epochs; null for nothing. By default the loss falls from 0.6 on. */
function follow(epochs: Epoch[], { settling = 0, resumed = false, classes = [0, 0, 1, 1] } = {}) {
  let callback: Callback = collapseAlert(settling, GUESS_LOSS);
  return epochs.map((change, index) => {
    const { loss = 0.6 - index / 100, predicted = [] } = { ...LEARNING, ...change };
    const epoch = index + 1;
    const log: EpochLog = {
      ...{ epoch, loss, accuracy: 0.5, validationLoss: 1, validationAccuracy: 0.5 },
      ...{ timeMs: 1, tensorCount: 1, gpuBytes: 1 },
    };
    const verdict = callback.onEpochEnd?.(log, predictions(predicted, classes));
    if (resumed) {
      const state = JSON.parse(JSON.stringify(callback.state?.()));
      callback = collapseAlert(settling, GUESS_LOSS);
      callback.restore?.(state);
    }
    return verdict?.kind === 'collapsed' ? `${verdict.collapse.sign} ${verdict.collapse.epochs}` : null;
  });
}

const times = (count: number, epoch: Epoch): Epoch[] => Array.from({ length: count }, () => epoch);
const ONE_CLASS: Epoch = { predicted: [1, 1, 1, 1] };
const losses = (...values: number[]): Epoch[] => values.map((loss) => ({ loss }));
const NOTHING = (count: number) => Array.from({ length: count }, () => null);

describe.each([false, true])('the alert, made anew after every epoch: %s', (resumed) => {
  it('speaks of one class after five epochs, of which the first two are none', () => {
    expect(follow(times(9, ONE_CLASS), { resumed })).toEqual([...NOTHING(6), 'oneClass 5', 'oneClass 6', 'oneClass 7']);
  });

  it('falls silent when two classes are predicted, and counts anew, now one class and now another', () => {
    const epochs = [...times(7, ONE_CLASS), {}, ...times(3, ONE_CLASS), ...times(3, { predicted: [0, 0, 0, 0] })];
    const said = [...NOTHING(6), 'oneClass 5', ...NOTHING(5), 'oneClass 5', 'oneClass 6'];
    expect(follow(epochs, { resumed })).toEqual(said);
  });

  it('waits until BatchNorm’s statistics have settled', () => {
    expect(follow(times(15, ONE_CLASS), { settling: 10, resumed })).toEqual([...NOTHING(14), 'oneClass 5']);
  });

  it('speaks of a loss that is no better than guessing and does not fall, whatever its noise', () => {
    const noisy = losses(3, 0.8, 0.7, 0.72, 0.69, 0.71, 0.7, 0.73, 0.695);
    expect(follow(noisy, { resumed })).toEqual([...NOTHING(6), 'flatLoss 5', 'flatLoss 6', 'flatLoss 7']);
  });

  it('leaves a loss alone that falls, however high, and one that is better than guessing, however flat', () => {
    const falling = Array.from({ length: 12 }, (_, i) => 3 * 0.99 ** i);
    expect(follow(losses(...falling), { resumed })).toEqual(NOTHING(12));
    expect(follow(times(12, { loss: 0.67 }), { resumed })).toEqual(NOTHING(12));
    expect(follow(losses(0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.66, 0.7), { resumed })).toEqual(NOTHING(8));
  });
});

it('says nothing of a run that learns, of validation images of one class, and without validation images', () => {
  expect(follow(times(15, {}))).toEqual(NOTHING(15));
  expect(follow(times(15, ONE_CLASS), { classes: [1, 1, 1, 1] })).toEqual(NOTHING(15));
  expect(follow(times(15, { predicted: [] }))).toEqual(NOTHING(15));
});
