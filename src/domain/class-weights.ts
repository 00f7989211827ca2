/** @file Class weights: how much each image of a class counts in the training loss, by the rules of Keras' `class_weight`. */

import * as v from 'valibot';

export const ClassWeightsSchema = v.variant('kind', [
  /** As scikit-learn's `balanced`: the images of every class count the same in sum. */
  v.object({ kind: v.literal('balanced') }),
  /** By name, so that they never fall on the classes of another dataset. */
  v.object({
    kind: v.literal('own'),
    weights: v.array(v.object({ className: v.string(), weight: v.number() })),
  }),
]);

export type ClassWeights = v.InferOutput<typeof ClassWeightsSchema>;

/**
 * One number for each class: all images divided by the number of classes times the images of the class. Their mean over the
 * images is 1, so that the learning rate keeps its meaning.
 * @param counts training images of each class, none of them 0.
 */
export function balancedWeights(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => total / (counts.length * count));
}

/**
 * The weights by class index, of settings that `checkRecipe` has accepted for these classes.
 * @returns null where every image counts the same.
 */
export function resolveClassWeights(
  settings: ClassWeights | undefined,
  classNames: readonly string[],
  counts: readonly number[],
): number[] | null {
  switch (settings?.kind) {
    case undefined:
      return null;
    case 'balanced':
      return balancedWeights(counts);
    case 'own':
      return classNames.map(
        (name) => settings.weights.find(({ className }) => className === name)?.weight ?? Number.NaN,
      );
    default:
      return settings satisfies never;
  }
}
