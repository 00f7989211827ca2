/** @file The names under which people keep the three splits. */

import { SPLITS, type Split } from '../../domain/split';

const NAMES: Record<Split, readonly string[]> = {
  train: ['train', 'training'],
  validation: ['validation', 'val', 'valid'],
  test: ['test', 'testing'],
};

/** The split a folder or a list's stem is named after, in any capitals. */
export function splitNamed(name: string): Split | null {
  const lower = name.toLowerCase();
  return SPLITS.find((split) => NAMES[split].includes(lower)) ?? null;
}
