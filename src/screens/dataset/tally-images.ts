/** @file Images per class and split, counted in one pass: a dataset may have 100,000. */

import type { DatasetSummary } from '../../domain/dataset';
import { SPLITS, type Split } from '../../domain/split';

export type SplitCounts = Record<Split, number>;

export interface ImageTally {
  /** In the order of the dataset's classes. */
  classes: SplitCounts[];
  total: SplitCounts;
}

export function tallyImages({ classNames, images }: Pick<DatasetSummary, 'classNames' | 'images'>): ImageTally {
  const classes = classNames.map(none);
  const total = none();
  for (const { split, classIndex } of images) {
    classes[classIndex][split] += 1;
    total[split] += 1;
  }
  return { classes, total };
}

export function sumSplits(counts: SplitCounts): number {
  return SPLITS.reduce((sum, split) => sum + counts[split], 0);
}

function none(): SplitCounts {
  return { train: 0, validation: 0, test: 0 };
}
