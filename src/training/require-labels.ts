/** @file The labels of a dataset's images, checked where they meet a network: the loss reads the logit that each of them names. */

import type { DatasetImage, DatasetSummary } from '../domain/dataset';
import { StudioError } from '../domain/failure';

/** @throws {StudioError} bad-input at the first image whose class is none of the dataset's. */
export function requireLabels(
  images: readonly DatasetImage[],
  { name, classNames }: Pick<DatasetSummary, 'name' | 'classNames'>,
): void {
  const known = new Set(classNames.keys());
  const wrong = images.find(({ classIndex }) => !known.has(classIndex));
  if (!wrong) return;
  const sentence = `${wrong.path} of ${name} is labelled with class number ${wrong.classIndex}, and there are ${classNames.length} classes, numbered from 0. Open the dataset again.`;
  throw new StudioError('bad-input', sentence);
}
