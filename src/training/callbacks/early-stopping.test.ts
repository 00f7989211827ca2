import { expect, it } from 'vitest';
import text from '../../../e2e/reference/fixtures/early-stopping.jsonl?raw';
import { readFixture } from '../../base/reference-test-kit';
import type { EpochLog } from '../../domain/run';
import type { Callback } from './callback';
import { earlyStopping } from './early-stopping';

interface Course {
  validationLosses: number[];
  patience: number;
  stoppedAfter: number | null;
  bestEpoch: number;
}

const { lines } = readFixture<unknown, Course>(text);

const log = (epoch: number, validationLoss: number | null): EpochLog => ({
  epoch,
  // Turned round: the training loss does not decide.
  loss: 10 + epoch,
  accuracy: 0.5,
  validationLoss,
  validationAccuracy: 0.5,
  timeMs: 1,
  tensorCount: 1,
  gpuBytes: 1,
});

/** The verdict that is not `continue`, with its epoch. @param resumed makes it anew from its state after each epoch. */
function follow({ validationLosses, patience }: Course, resumed: boolean) {
  let callback: Callback = earlyStopping(patience);
  for (const [index, loss] of validationLosses.entries()) {
    const verdict = callback.onEpochEnd?.(log(index + 1, loss), []);
    if (verdict?.kind === 'stop') return { stoppedAfter: index + 1, bestEpoch: verdict.lowestEpoch };
    if (!resumed) continue;
    const state = JSON.parse(JSON.stringify(callback.state?.()));
    callback = earlyStopping(patience);
    callback.restore?.(state);
  }
  return null;
}

it.each([
  ['in one go', false],
  ['made anew after every epoch', true],
])('ends a run after the epoch after which Keras’ EarlyStopping does, %s', (_name, resumed) => {
  expect(lines.filter(({ stoppedAfter }) => stoppedAfter !== null).length).toBeGreaterThan(5);
  for (const course of lines) {
    const { stoppedAfter, bestEpoch } = course;
    const expected = stoppedAfter === null ? null : { stoppedAfter, bestEpoch };
    expect(follow(course, resumed), JSON.stringify(course)).toEqual(expected);
  }
});

it('knows nothing to stop for without a validation loss', () => {
  const callback = earlyStopping(1);
  for (let epoch = 1; epoch < 5; epoch += 1) {
    expect(callback.onEpochEnd?.(log(epoch, null), [])).toEqual({ kind: 'continue' });
  }
  expect(callback.state?.()).toEqual({});
});
