/**
 * @file Layout (a): image folders plus `training.txt`, `validation.txt`, `testing.txt`.
 *
 * The label of a line is the number behind its path, or else the class folder in the path.
 */

import { shortened } from '../../base/shortened';
import type { DatasetProblem } from '../../domain/dataset';
import { SPLITS, type Split } from '../../domain/split';
import { FileIndex } from './file-index';
import { type FolderNames, type LabelledFile, mayBeImage, plural, type RecognisedLayout } from './layout';
import { decodeListText, type ListLine, parseListText, splitLabel } from './list-file';
import { splitNamed } from './split-names';

interface ListedFile {
  path: string;
  list: string;
  split: Split;
  /** From the number behind the path; null when the class folder in the path is the label. */
  label: string | null;
}

/** The list files at the top of the folder, by split. */
export function findLists(files: readonly string[]): Map<Split, string> {
  const lists = new Map<Split, string>();
  for (const file of files) {
    const match = /^([^/]+)\.txt$/i.exec(file);
    const split = match === null ? null : splitNamed(match[1]);
    if (split !== null && !lists.has(split)) lists.set(split, file);
  }
  return lists;
}

/** Null when there is no training list. Every line that cannot be used is a problem of its own. */
export async function readLists(folder: FolderNames): Promise<RecognisedLayout | null> {
  const lists = findLists(folder.files);
  if (!lists.has('train')) return null;
  const index = new FileIndex(folder.files);
  const problems: DatasetProblem[] = [];
  const listed = new Map<string, ListedFile>();
  // In this order, so that a file named for training as well as for testing cannot flatter the test.
  for (const split of SPLITS) {
    const list = lists.get(split);
    if (list === undefined) continue;
    const lines = parseListText(decodeListText(await folder.readBytes(list)));
    collectLines(lines, list, split, index, listed, problems);
  }
  const files = labelFiles([...listed.values()], problems);
  const unused = folder.files.filter((path) => path.includes('/') && mayBeImage(path) && !listed.has(path)).length;
  if (unused > 0) {
    const reason = `has ${plural(unused, 'image')} that ${unused === 1 ? 'is' : 'are'} in none of the lists and will not be used.`;
    problems.push({ path: folder.name, reason, severity: 'notice' });
  }
  const classNames = [...new Set(files.map(({ className }) => className))].sort();
  return { layout: 'lists', files, classNames, problems };
}

/** Adds the files of one list to `listed`, and what is wrong with its lines to `problems`. */
function collectLines(
  lines: ListLine[],
  list: string,
  split: Split,
  index: FileIndex,
  listed: Map<string, ListedFile>,
  problems: DatasetProblem[],
): void {
  let repeated = 0;
  for (const line of lines) {
    const numbered = splitLabel(line.path);
    // The whole line first: a file may be named "scan 2".
    let path = index.find(line.path);
    let label: string | null = null;
    if (path === null && numbered !== null) {
      path = index.find(numbered.path);
      label = numbered.label;
      if (path !== null && label === null) {
        const reason = `has an unknown label in ${list}, line ${line.number}; write 0 for healthy, 1 for COVID, 2 for pneumonia.`;
        problems.push({ path, reason, severity: 'excluded' });
        continue;
      }
    }
    if (path === null) {
      const named = numbered !== null && /\.\w{2,5}$/.test(numbered.path) ? numbered.path : line.path;
      const where = `is named in ${list}, line ${line.number}, but`;
      const reason = index.isAmbiguous(named)
        ? `${where} several files of the folder have this name; write the path from the list's own folder on.`
        : `${where} is not in the folder; add the file or remove the line.`;
      problems.push({ path: shortened(named, SHOWN_CHARACTERS), reason, severity: 'excluded' });
      continue;
    }
    const before = listed.get(path);
    if (before === undefined) {
      listed.set(path, { path, list, split, label });
    } else if (before.split === split) {
      repeated += 1;
    } else {
      const reason = `is named in ${before.list} and in ${list}; it is used for ${PURPOSE[before.split]} only.`;
      problems.push({ path, reason, severity: 'notice' });
    }
  }
  if (repeated > 0) {
    const reason = `names ${plural(repeated, 'file')} more than once; each is used once.`;
    problems.push({ path: list, reason, severity: 'notice' });
  }
}

/** A line that names no file may be anything; so much of it is shown. */
const SHOWN_CHARACTERS = 300;

const PURPOSE: Record<Split, string> = { train: 'training', validation: 'validation', test: 'the test' };

/** Gives every listed file its class; files without one become problems. */
function labelFiles(listed: ListedFile[], problems: DatasetProblem[]): LabelledFile[] {
  const folders = classFolders(listed.map(({ path }) => path));
  const spellings = new Map([...folders.values()].map((name) => [name.toLowerCase(), name]));
  const files: LabelledFile[] = [];
  for (const { path, list, split, label } of listed) {
    const className = label === null ? folders.get(path) : (spellings.get(label.toLowerCase()) ?? label);
    if (className === undefined) {
      const reason = `is named in ${list} but lies in no class folder and has no label behind it; move it into its class's folder.`;
      problems.push({ path, reason, severity: 'excluded' });
    } else {
      files.push({ path, split, className });
    }
  }
  return files;
}

/** The first folder of each path in which paths differ, split names ignored: for `images/train/COVID/a.png` COVID. */
function classFolders(paths: string[]): Map<string, string> {
  const parents = new Map<string, string[]>();
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1);
    parents.set(
      path,
      folders.filter((folder) => splitNamed(folder) === null),
    );
  }
  const all = [...parents.values()].filter((folders) => folders.length > 0);
  if (all.length === 0) return new Map();
  let shared = 0;
  while (all.every((folders) => folders.length > shared && folders[shared] === all[0][shared])) shared += 1;
  // One class alone shares everything; its own folder is then the last one.
  if (all.some((folders) => folders.length === shared)) shared = Math.max(0, shared - 1);
  const classes = new Map<string, string>();
  for (const [path, folders] of parents) {
    if (folders.length > shared) classes.set(path, folders[shared]);
  }
  return classes;
}
