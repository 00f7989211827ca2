/** @file A dataset as plain data: what was found in a folder, and what training and the screens read of it. */

import type { Split } from './split';

/** How the folder said which image belongs to which class and split; SPEC section 3 (a), (b), (c). */
export type DatasetLayout = 'lists' | 'split-folders' | 'class-folders';

export interface DatasetImage {
  /** Path inside the dropped folder, `/` between parts. Unique within a dataset; the key of predictions and problems. */
  path: string;
  split: Split;
  /** Index into {@link DatasetSummary.classNames}. */
  classIndex: number;
  sizeBytes: number;
}

export type ImageColour = 'grey' | 'grey with alpha' | 'RGB' | 'RGB with alpha' | 'palette' | 'CMYK';

/** What the check read from one image's file. */
export interface ImageFacts {
  /** As it is called: "PNG". */
  format: string;
  width: number;
  height: number;
  /** Bits per sample, as the file states them. */
  bitDepth: number;
  colour: ImageColour;
  sizeBytes: number;
  /** Of the file, milliseconds since 1970. */
  lastModified: number;
}

/** What a dataset's images have in common and where they differ. */
export interface ImageRanges {
  /** By area. */
  smallest: { width: number; height: number };
  largest: { width: number; height: number };
  /** "8-bit grey", the most frequent first. */
  kinds: string[];
  /** "PNG", the most frequent first. */
  formats: string[];
}

export interface DatasetProblem {
  /** The file or folder it is about; the dataset's name when it is about the whole. */
  path: string;
  /** One sentence: what is wrong and, where it helps, what to do. */
  reason: string;
  /** `blocking`: nothing can be trained. `excluded`: this file is left out. `notice`: kept, but worth knowing. */
  severity: 'blocking' | 'excluded' | 'notice';
}

export interface DatasetSummary {
  /** Fingerprint of names, sizes, labels and splits: the same folder dropped again has the same id. */
  id: string;
  /** Folder name as shown on screen. */
  name: string;
  /** True for the sample phantoms; every screen that shows the dataset says so. */
  synthetic: boolean;
  layout: DatasetLayout;
  /** Names in the order of class indices: sorted as Keras sorts directories. */
  classNames: string[];
  /** Usable images of each class, in the order of `classNames`. The images themselves are asked for by `id`. */
  classCounts: Record<Split, number>[];
  /** What the images are like; there once all of them have been checked. */
  ranges?: ImageRanges;
  problems: DatasetProblem[];
}

/** Progress of opening a dataset. Totals are null while unknown. */
export interface DatasetProgress {
  phase: 'drawing' | 'listing' | 'checking';
  done: number;
  total: number | null;
}

/** How pixels are brought to the network's input size. */
export type Interpolation = 'nearest' | 'bilinear';

export interface PixelBatch {
  /** RGB, row-major, `[count, size, size, 3]`, 0..255. */
  data: Uint8Array;
  count: number;
  size: number;
}

/** Images of one split and class. */
export function countImages(dataset: Pick<DatasetSummary, 'classCounts'>, split: Split, classIndex?: number): number {
  const classes =
    classIndex === undefined ? dataset.classCounts : dataset.classCounts.slice(classIndex, classIndex + 1);
  return classes.reduce((sum, counts) => sum + counts[split], 0);
}
