import { expect, it } from 'vitest';
import type { EpochLog } from '../../domain/run';
import { testRecord } from '../../domain/run-test-kit';
import { bestByTrainingLoss } from './best-by-training-loss';

const log = (epoch: number, loss: number): EpochLog => ({
  epoch,
  loss,
  accuracy: 0.5,
  // Turned round: neither validation nor accuracy chooses.
  validationLoss: 10 - loss,
  validationAccuracy: 0.5,
  timeMs: 1,
  tensorCount: 1,
  gpuBytes: 1,
});

/** The verdicts on epochs of these losses. @param unkept the epoch whose weights cannot be stored */
function follow(losses: number[], unkept?: number) {
  const record = testRecord();
  const callback = bestByTrainingLoss(record);
  return losses.map((loss, i) => {
    const epoch = log(i + 1, loss);
    const kind = callback.onEpochEnd?.(epoch, [])?.kind;
    record.epochs.push(epoch);
    if (kind === 'best' && epoch.epoch !== unkept) record.bestEpoch = epoch.epoch;
    return kind;
  });
}

it('calls an epoch the best when its training loss is the lowest so far', () => {
  expect(follow([3, 2, 2.5, 2, 1.5, 4])).toEqual(['best', 'best', 'continue', 'continue', 'best', 'continue']);
});

it('never calls a loss that is not a number the best', () => {
  const losses = [Number.NaN, Number.POSITIVE_INFINITY, 2, Number.NaN];
  expect(follow(losses)).toEqual(['continue', 'continue', 'best', 'continue']);
});

it('compares with the best epoch whose weights are kept', () => {
  expect(follow([3, 1, 2, 1.5, 1.8], 2)).toEqual(['best', 'best', 'best', 'best', 'continue']);
});
