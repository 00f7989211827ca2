/** @file The rows of the store `predictions`: one for each split and set of weights of a run. */

import { type Prediction, type RunPredictions, WEIGHTS_KINDS, type WeightsKind } from '../domain/run';
import type { Split } from '../domain/split';

export interface PredictionRow {
  runId: string;
  split: Split;
  weights: WeightsKind;
  predictions: Prediction[];
}

/** What there is of a run's test predictions, as rows. */
export function predictionRows(runId: string, predictions: RunPredictions): PredictionRow[] {
  return WEIGHTS_KINDS.flatMap((weights) => {
    const ofWeights = predictions[weights];
    return ofWeights ? [{ runId, split: 'test' as const, weights, predictions: ofWeights }] : [];
  });
}
