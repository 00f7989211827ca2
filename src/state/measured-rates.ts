/** @file How fast networks have trained here, from the stored runs: the rate that times are estimated with. */

import type { Recipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';

/** The last measured epoch of one run. */
export interface MeasuredRate {
  recipe: Pick<Recipe, 'network' | 'inputSize' | 'batchSize'>;
  gpu: string;
  createdAt: number;
  gflops: number;
}

/** The rate of every run that measured one. */
export function measuredRates(records: readonly RunRecord[]): MeasuredRate[] {
  return records.flatMap(({ recipe, gpu, createdAt, epochs }) => {
    const gflops = epochs.findLast((log) => log.gflops !== undefined)?.gflops;
    return gflops ? [{ recipe, gpu, createdAt, gflops }] : [];
  });
}

/**
 * The newest rate of this network on this device. Small images leave a GPU idle, so a rate with the same input and batch size is
 * preferred to one with the same input size, and that to any other.
 */
export function closestRate(
  rates: readonly MeasuredRate[],
  { network, inputSize, batchSize }: Recipe,
  gpu: string,
): MeasuredRate | null {
  const likeness = ({ recipe }: MeasuredRate) =>
    recipe.inputSize !== inputSize ? 0 : recipe.batchSize !== batchSize ? 1 : 2;
  const [closest] = rates
    .filter((rate) => rate.recipe.network === network && rate.gpu === gpu)
    .toSorted((a, b) => likeness(b) - likeness(a) || b.createdAt - a.createdAt);
  return closest ?? null;
}
