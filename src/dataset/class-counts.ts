/** @file Counts images per class and split, and lists the counts that block or affect training as problems. */

import type { DatasetImage, DatasetProblem } from '../domain/dataset';
import { SPLITS, type Split } from '../domain/split';

/** Images of each class in each split. */
export function countByClass(classCount: number, images: readonly DatasetImage[]): Record<Split, number>[] {
  const counts = Array.from({ length: classCount }, () => ({ train: 0, validation: 0, test: 0 }));
  for (const { classIndex, split } of images) counts[classIndex][split] += 1;
  return counts;
}

/**
 * @param name The dataset's name, for problems of the whole.
 * @param counts In the order of `classNames`.
 */
export function judgeClassCounts(
  name: string,
  classNames: readonly string[],
  counts: readonly Record<Split, number>[],
): DatasetProblem[] {
  const problems: DatasetProblem[] = [];
  const add = (path: string, reason: string, severity: DatasetProblem['severity']) =>
    problems.push({ path, reason, severity });

  if (counts.every((count) => SPLITS.every((split) => count[split] === 0))) {
    add(name, 'has no image that can be used.', 'blocking');
    return problems;
  }
  if (classNames.length === 1) {
    add(name, `has one class only, ${classNames[0]}; telling classes apart needs at least two folders.`, 'blocking');
  }
  const emptySplits = SPLITS.filter((split) => counts.every((count) => count[split] === 0));
  for (const split of emptySplits) {
    if (split !== 'train') add(name, EMPTY_SPLIT[split], 'notice');
  }
  for (const [i, className] of classNames.entries()) {
    const missing = SPLITS.filter((split) => counts[i][split] === 0);
    if (missing.includes('train')) {
      add(className, 'has no image for training; add some, or remove the class from the dataset.', 'blocking');
    }
    const unseen = missing.filter((split) => split !== 'train' && !emptySplits.includes(split));
    if (unseen.length > 0) {
      const where = unseen.map((split) => PURPOSE[split]).join(' and ');
      add(className, `has no image for ${where}; its figures there will be missing.`, 'notice');
    }
  }
  return problems;
}

const PURPOSE: Record<Split, string> = { train: 'training', validation: 'validation', test: 'the test' };

const EMPTY_SPLIT: Record<Exclude<Split, 'train'>, string> = {
  validation: 'has no validation images; the curves will show training only.',
  test: 'has no test images; the comparison will have no test accuracy.',
};
