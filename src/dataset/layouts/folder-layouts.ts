/** @file Layouts (b), a folder per split with a folder per class in it, and (c), a folder per class and no splits. */

import type { DatasetProblem } from '../../domain/dataset';
import type { Split } from '../../domain/split';
import { type FolderNames, type LabelledFile, mayBeImage, plural, type RecognisedLayout } from './layout';
import { splitNamed } from './split-names';
import { stratifiedSplit } from './stratified-split';

/** Layout (b); null when there is no `train` folder with class folders. */
export function readSplitFolders(folder: FolderNames): RecognisedLayout | null {
  const files: LabelledFile[] = [];
  const classes = new Set<string>();
  const strays = new Strays();
  for (const path of folder.files) {
    const [top, className, ...rest] = path.split('/');
    const split = splitNamed(top);
    if (split === null || className === undefined) continue;
    if (!mayBeImage(path)) strays.companions += 1;
    else if (rest.length === 0) strays.loose += 1;
    else {
      files.push({ path, split, className });
      classes.add(className);
    }
  }
  if (!files.some(({ split }) => split === 'train')) return null;
  for (const path of folder.emptyFolders) {
    const parts = path.split('/');
    if (parts.length === 2 && splitNamed(parts[0]) !== null) classes.add(parts[1]);
  }
  files.sort(byPath);
  const problems = strays.problems(folder.name, 'in no class folder');
  return { layout: 'split-folders', files, classNames: [...classes].sort(), problems };
}

/** Layout (c); null when no folder holds images. Split 80/10/10, stratified, patients kept together. */
export function readClassFolders(folder: FolderNames, seed: number): RecognisedLayout | null {
  const labelled: { path: string; className: string }[] = [];
  const classes = new Set<string>();
  const strays = new Strays();
  for (const path of folder.files) {
    const slash = path.indexOf('/');
    if (slash < 0) {
      if (mayBeImage(path)) strays.loose += 1;
    } else if (mayBeImage(path)) {
      const className = path.slice(0, slash);
      labelled.push({ path, className });
      classes.add(className);
    } else {
      strays.companions += 1;
    }
  }
  if (labelled.length === 0) return null;
  for (const path of folder.emptyFolders) {
    if (path !== '' && !path.includes('/')) classes.add(path);
  }
  labelled.sort(byPath);
  const splits: Split[] = stratifiedSplit(labelled, seed);
  const files = labelled.map((file, i) => ({ ...file, split: splits[i] }));
  const problems = strays.problems(folder.name, 'outside the class folders');
  return { layout: 'class-folders', files, classNames: [...classes].sort(), problems };
}

/** Files that are passed over, counted. */
class Strays {
  loose = 0;
  companions = 0;

  problems(name: string, where: string): DatasetProblem[] {
    const problems: DatasetProblem[] = [];
    if (this.loose > 0) {
      const reason = `has ${plural(this.loose, 'file')} ${where}, which will not be used.`;
      problems.push({ path: name, reason, severity: 'notice' });
    }
    if (this.companions > 0) {
      const reason = `has ${plural(this.companions, 'file')} among the images that by name ${this.companions === 1 ? 'is no image' : 'are no images'} and will not be used.`;
      problems.push({ path: name, reason, severity: 'notice' });
    }
    return problems;
  }
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
