/** @file Training a run further: what it takes, the recipe of the new run, and why it cannot be done. */

import type { DatasetSummary } from './dataset';
import { NETWORKS } from './network';
import type { Recipe } from './recipe';
import { keptWeights, type RunRecord, type WeightsKind } from './run';

/** Fields of the new run that may differ from the ancestor's. */
export interface FurtherFields {
  /** More epochs. */
  epochs: number;
  batchSize: number;
  learningRate: number;
}

/** The weights that a run can be trained further from; none while it goes on, or where it is to be continued itself. */
export function furtherWeights(record: RunRecord): WeightsKind[] {
  switch (record.status) {
    case 'finished':
    case 'stopped':
    case 'diverged':
      return keptWeights(record);
    case 'running':
    case 'failed':
    case 'interrupted':
      return [];
    default:
      return record.status satisfies never;
  }
}

/** The ancestor's recipe with other numbers. */
export function furtherRecipe({ recipe }: Pick<RunRecord, 'recipe'>, fields: FurtherFields): Recipe {
  const { epochs, batchSize, learningRate } = fields;
  return { ...structuredClone(recipe), epochs, batchSize, optimizer: { ...recipe.optimizer, learningRate } };
}

/** Why a run cannot be trained further on a dataset, a sentence; null when it can. */
export function furtherRefusal(record: RunRecord, weights: WeightsKind, dataset: DatasetSummary): string | null {
  const { name } = NETWORKS[record.recipe.network];
  if (!furtherWeights(record).includes(weights)) {
    return `This run of ${name} is ${record.status} and has no ${weights} weights to be trained further.`;
  }
  const [own, others] = [record.dataset.classNames, dataset.classNames];
  const isSame = own.length === others.length && own.every((className, index) => className === others[index]);
  if (isSame) return null;
  return `This run of ${name} tells apart ${own.join(', ')}, and ${dataset.name} has the classes ${others.join(', ')}. Open a dataset with the same classes in the same order to train it further.`;
}
