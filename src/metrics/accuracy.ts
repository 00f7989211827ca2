/** @file Accuracy, recounted from predictions. */

import type { Prediction } from '../domain/run';

/** Index of the largest probability; the first of equals, as numpy's argmax. */
export function predictedClass(probabilities: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < probabilities.length; i += 1) if (probabilities[i] > probabilities[best]) best = i;
  return best;
}

/** How many predictions name the right class. */
export function countCorrect(predictions: readonly Prediction[]): number {
  return predictions.filter(({ classIndex, probabilities }) => predictedClass(probabilities) === classIndex).length;
}

/** Share of right predictions, 0..1; 0 for none. */
export function accuracyOf(predictions: readonly Prediction[]): number {
  return predictions.length === 0 ? 0 : countCorrect(predictions) / predictions.length;
}
