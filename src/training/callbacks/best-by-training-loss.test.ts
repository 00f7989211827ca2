import { expect, it } from 'vitest';
import type { EpochLog } from '../../domain/run';
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

it('calls an epoch the best when its training loss is the lowest so far', () => {
  const callback = bestByTrainingLoss();
  const kinds = [3, 2, 2.5, 2, 1.5, 4].map((loss, i) => callback.onEpochEnd?.(log(i + 1, loss), [])?.kind);
  expect(kinds).toEqual(['best', 'best', 'continue', 'continue', 'best', 'continue']);
});

it('never calls a loss that is not a number the best', () => {
  const callback = bestByTrainingLoss();
  const kinds = [Number.NaN, Number.POSITIVE_INFINITY, 2, Number.NaN].map(
    (loss, i) => callback.onEpochEnd?.(log(i + 1, loss), [])?.kind,
  );
  expect(kinds).toEqual(['continue', 'continue', 'best', 'continue']);
});
