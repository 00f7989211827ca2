/** @file What keeps recipes from being trained on a dataset, in sentences for the person. */

import type { DatasetSummary } from './dataset';
import { NETWORKS } from './network';
import { checkRecipe, type Recipe, type RecipeField } from './recipe';

/** Fields that all networks share: their sentences appear once, without a network's name. */
const SHARED_FIELDS: ReadonlySet<RecipeField> = new Set(['epochs', 'batchSize', 'inputSize', 'seed']);

/**
 * One sentence per obstacle that recipes and dataset show; empty when there is none. Whether the pretrained files are there
 * is not checked.
 */
export function refusalsOn(dataset: DatasetSummary, recipes: readonly Recipe[]): string[] {
  const sentences = dataset.problems
    .filter((problem) => problem.severity === 'blocking')
    .map((problem) => `${problem.path} ${problem.reason}`);
  for (const recipe of recipes) {
    for (const { field, sentence } of checkRecipe(recipe, dataset)) {
      sentences.push(SHARED_FIELDS.has(field) ? sentence : `${NETWORKS[recipe.network].name}: ${sentence}`);
    }
  }
  return [...new Set(sentences)];
}
