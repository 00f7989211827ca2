/** @file Input and result of a layout reader. */

import type { DatasetLayout, DatasetProblem } from '../../domain/dataset';
import type { Split } from '../../domain/split';

/** The names in one folder and below it, relative to that folder. */
export interface FolderNames {
  /** Shown in sentences. */
  name: string;
  files: string[];
  emptyFolders: string[];
  /** Contents of a file of this listing, as bytes. */
  readBytes(path: string): Promise<Uint8Array<ArrayBuffer>>;
}

export interface LabelledFile {
  path: string;
  split: Split;
  className: string;
}

export interface RecognisedLayout {
  layout: DatasetLayout;
  /** In the order in which images are shown and trained before any shuffle. */
  files: LabelledFile[];
  /** Sorted as Keras sorts directories; may name a class that has no file. */
  classNames: string[];
  problems: DatasetProblem[];
}

/** Files that lie about in data folders and are no images; everything else is judged by its content. */
const COMPANIONS = new Set(
  'txt csv tsv json xml md pdf doc docx xls xlsx ppt pptx zip gz tar 7z rar html htm py ipynb r m h5 hdf5 npy npz mat pkl yml yaml log ini db lnk url'.split(
    ' ',
  ),
);

/** True when the name does not rule out that the file is an image. */
export function mayBeImage(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 || !COMPANIONS.has(name.slice(dot + 1).toLowerCase());
}

/** "1 image", "2 images". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
