/** @file The test at the end of a run: last weights, then best. */

import {
  type EvaluatedSplit,
  isTrained,
  lastKeptOf,
  type RunPredictions,
  type RunRecord,
  scoreOf,
  type WeightsKind,
} from '../domain/run';
import type { Divergence } from './divergence';
import { NotNumbersError } from './evaluate';
import type { RunControl } from './run-control';

export interface TestSteps {
  /** Reports what is being tested, a sentence for the screen. */
  report(detail: string): void;
  /** Fills the network with weights of the run. */
  restore(kind: WeightsKind): Promise<void>;
  /** The test split's score with the network as it is; null for an empty one. */
  evaluate(isGivenUp: () => boolean): Promise<EvaluatedSplit | NotNumbersError | null | 'given up'>;
}

/**
 * Fills `record.test`. A run that was stopped within an epoch is tested with the last weights that are stored, where there are
 * any; every other one with those in the network, stored or not. A second Stop ends the test, and what was not tested stays null.
 * Of a run that diverged only the best weights are tested.
 *
 * @param divergence that ended the training; null when the network holds its last weights.
 * @returns the predictions that were scored, and the run's divergence: the given one, or one found in the test.
 */
export async function testRun(
  record: RunRecord,
  divergence: Divergence | null,
  control: RunControl,
  steps: TestSteps,
): Promise<{ predictions: RunPredictions; divergence: Divergence | null }> {
  const { epochs, bestEpoch, test } = record;
  const predictions: RunPredictions = { last: null, best: null };
  let met = divergence;
  const stopsBefore = control.stops;
  const isGivenUp = () => control.stops > stopsBefore;

  const score = async (kind: WeightsKind, epoch: number) => {
    const evaluated = await steps.evaluate(isGivenUp);
    if (evaluated instanceof NotNumbersError) {
      met ??= { where: 'test', kind, epoch, path: evaluated.path };
    } else if (evaluated !== 'given up' && evaluated !== null) {
      test[kind] = scoreOf(evaluated);
      predictions[kind] = evaluated.predictions;
    }
  };

  const stored = control.stopped && !isTrained(record) ? lastKeptOf(record) : null;
  const last = stored ?? { epoch: epochs.length, step: 0 };
  if (!divergence && (stored || epochs.length > 0)) {
    steps.report('Testing the last weights');
    if (stored) await steps.restore('last');
    await score('last', last.epoch);
  }
  if (!divergence && bestEpoch === last.epoch && last.step === 0) {
    test.best = test.last;
    predictions.best = predictions.last;
  } else if (bestEpoch !== null && !isGivenUp()) {
    steps.report(`Testing the best weights, of epoch ${bestEpoch}`);
    await steps.restore('best');
    await score('best', bestEpoch);
  }
  return { predictions, divergence: met };
}
