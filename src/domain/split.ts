/** @file The three parts of a labelled dataset, named as Keras users name them. */

export const SPLITS = ['train', 'validation', 'test'] as const;

export type Split = (typeof SPLITS)[number];
