/** @file Everything that keeps a queue of recipes from starting, in sentences for the person. */

import type { DatasetSummary } from '../domain/dataset';
import { NETWORKS } from '../domain/network';
import type { WeightsStatus } from '../domain/protocol';
import { type BoundedField, checkRecipe, type Recipe, startsFromFile } from '../domain/recipe';
import { missingWeights } from './weights-store';

/** Fields that all networks share: their sentences are said once, without a network's name. */
const SHARED_FIELDS: ReadonlySet<BoundedField> = new Set(['epochs', 'batchSize', 'inputSize', 'seed']);

export function refusalsOf(
  recipes: Recipe[],
  dataset: DatasetSummary | null,
  weights: WeightsStatus[] | null,
): string[] {
  if (!dataset) return ['There is no dataset yet: drop a folder on the Dataset screen, or try the sample dataset.'];
  if (recipes.length === 0) return ['Choose at least one network.'];

  const sentences = dataset.problems
    .filter((problem) => problem.severity === 'blocking')
    .map((problem) => `${problem.path} ${problem.reason}`);
  for (const recipe of recipes) {
    const { name } = NETWORKS[recipe.network];
    for (const { field, sentence } of checkRecipe(recipe, dataset)) {
      sentences.push(SHARED_FIELDS.has(field) ? sentence : `${name}: ${sentence}`);
    }
    const missing = startsFromFile(recipe) ? missingWeights(weights, recipe.network) : null;
    if (missing) sentences.push(missingSentence(name, missing));
  }
  return [...new Set(sentences)];
}

/** What is missing and how to get it. */
export function missingSentence(name: string, { fileName, url }: WeightsStatus): string {
  return `${name} needs Keras' file ${fileName}. Click Download under "Pretrained weights", or get it from ${url} and drop it there, or switch on "Start from random weights".`;
}
