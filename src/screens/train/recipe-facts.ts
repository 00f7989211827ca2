/** @file What sets a recipe apart from the notebook's, in a few words a field. */

import type { ClassWeights } from '../../domain/class-weights';
import { NETWORKS } from '../../domain/network';
import { notebookRecipe, RECIPE_BOUNDS, type Recipe } from '../../domain/recipe';

/** Empty for the notebook's own recipe. */
export function recipeFacts(recipe: Recipe): string[] {
  const notebook = notebookRecipe(recipe.network);
  const { augmentation, optimizer } = recipe;
  const facts: string[] = [];
  if (recipe.epochs !== notebook.epochs) facts.push(`${recipe.epochs} ${recipe.epochs === 1 ? 'epoch' : 'epochs'}`);
  if (recipe.inputSize !== notebook.inputSize) facts.push(`${recipe.inputSize} px`);
  if (recipe.batchSize !== notebook.batchSize) facts.push(`batch ${recipe.batchSize}`);
  if (recipe.seed !== notebook.seed) facts.push(`seed ${recipe.seed}`);
  if (NETWORKS[recipe.network].pretrained && recipe.startFromRandomWeights) facts.push('random weights');
  if (recipe.interpolation !== notebook.interpolation) facts.push(`${recipe.interpolation} scaling`);
  if (optimizer.kind !== notebook.optimizer.kind) facts.push(optimizer.kind === 'adam' ? 'Adam' : 'SGD');
  facts.push(...changedNumbers(optimizer, notebook.optimizer), ...changedNumbers(augmentation, notebook.augmentation));
  if (augmentation.horizontalFlip !== notebook.augmentation.horizontalFlip) facts.push('no flip');
  if (augmentation.clip !== notebook.augmentation.clip) facts.push('clipped after the noise');
  if (recipe.frozenBatchNorm !== notebook.frozenBatchNorm) facts.push('batch statistics in frozen BatchNorm');
  if (recipe.earlyStopping) facts.push(`early stopping with patience ${recipe.earlyStopping.patience}`);
  if (recipe.classWeights) facts.push(classWeightFact(recipe.classWeights));
  if (recipe.sampling) facts.push('balanced sampling');
  return facts;
}

function classWeightFact(settings: ClassWeights): string {
  if (settings.kind === 'balanced') return 'balanced class weights';
  return `class weights ${settings.weights.map(({ className, weight }) => `${className} ${weight}`).join(', ')}`;
}

function changedNumbers(part: object, notebook: object): string[] {
  const before = new Map<string, unknown>(Object.entries(notebook));
  return Object.entries(part)
    .filter(([field, value]) => typeof value === 'number' && before.get(field) !== value)
    .map(([field, value]) => `${labelOf(field).toLowerCase()} ${value}`);
}

function labelOf(field: string): string {
  return Object.entries(RECIPE_BOUNDS).find(([key]) => key === field)?.[1].label ?? field;
}
