/** @file Everything that keeps a queue of recipes from starting, in sentences for the person. */

import type { DatasetSummary } from '../domain/dataset';
import { NETWORKS } from '../domain/network';
import type { WeightsStatus } from '../domain/protocol';
import { type Recipe, startsFromFile } from '../domain/recipe';
import type { RunRecord, WeightsKind } from '../domain/run';
import { refusalsOn } from '../domain/start-refusals';
import { furtherRefusal } from '../domain/train-further';
import { missingWeights } from './weights-store';

/** One sentence for each reason why these recipes cannot start; empty when they can. */
export function refusalsOf(
  recipes: Recipe[],
  dataset: DatasetSummary | null,
  weights: WeightsStatus[] | null,
): string[] {
  if (!dataset) return ['There is no dataset yet: drop a folder on the Dataset screen, or try the sample dataset.'];
  if (recipes.length === 0) return ['Choose at least one network.'];
  const sentences = refusalsOn(dataset, recipes);
  for (const recipe of recipes) {
    const missing = startsFromFile(recipe) ? missingWeights(weights, recipe.network) : null;
    if (missing) sentences.push(missingSentence(NETWORKS[recipe.network].name, missing));
  }
  return [...new Set(sentences)];
}

/** One sentence for each reason why a run cannot be trained further on the dataset that is open; empty when it can. */
export function furtherRefusals(
  record: RunRecord,
  weights: WeightsKind,
  recipe: Recipe,
  dataset: DatasetSummary | null,
): string[] {
  if (!dataset) return [`No dataset is open: open ${record.dataset.name}, or another one with the same classes.`];
  const refusal = furtherRefusal(record, weights, dataset);
  return refusal ? [refusal] : refusalsOn(dataset, [recipe]);
}

/** What is missing and how to get it. */
function missingSentence(name: string, { fileName, url }: WeightsStatus): string {
  return `${name} needs Keras' file ${fileName}. Click Download under "Pretrained weights", or get it from ${url} and drop it there, or switch on "Start from random weights".`;
}
