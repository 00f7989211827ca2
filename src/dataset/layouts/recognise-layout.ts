/**
 * @file Decides which of the three layouts a folder has, also inside a folder that merely wraps it.
 */

import type { DatasetProblem } from '../../domain/dataset';
import { StudioError } from '../../domain/failure';
import { readClassFolders, readSplitFolders } from './folder-layouts';
import { type FolderNames, mayBeImage, plural, type RecognisedLayout } from './layout';
import { findLists, readLists } from './lists-layout';

/** The split of layout (c) is the same for everyone who drops the same files. */
const SPLIT_SEED = 1;
const MAX_WRAPPERS = 4;

const ACCEPTED =
  'Thorax reads (a) image folders with training.txt, validation.txt and testing.txt, (b) train, validation and test folders with a folder per class in each, or (c) one folder per class.';

export interface FoundLayout extends RecognisedLayout {
  /** The wrapping folders that were looked into, `''` or ending in `/`; the layout's paths are relative to it. */
  root: string;
}

/** @throws {StudioError} `bad-input` with what was found and what is accepted, when no layout fits. */
export async function recogniseLayout(folder: FolderNames): Promise<FoundLayout> {
  if (folder.files.length === 0) {
    throw new StudioError('bad-input', `The folder "${folder.name}" is empty. ${ACCEPTED}`);
  }
  const found = await recogniseWithin(folder, '', MAX_WRAPPERS);
  if (found !== null) return found;

  const lists = [...findLists(folder.files).values()];
  const images = folder.files.filter(mayBeImage).length;
  const others = folder.files.length - images;
  const parts: string[] = [];
  if (lists.length > 0) parts.push(`${lists.join(' and ')} but no training.txt`);
  if (images > 0) parts.push(`${plural(images, 'image')} outside of any folder`);
  if (others > 0) parts.push(plural(others, 'file that is no image', 'files that are no images'));
  throw new StudioError(
    'bad-input',
    `No layout was recognised in "${folder.name}": it holds ${parts.join(', ')}. ${ACCEPTED}`,
  );
}

async function recogniseWithin(folder: FolderNames, root: string, wrappers: number): Promise<FoundLayout | null> {
  const lists = await readLists(folder);
  if (lists !== null && lists.files.length > 0) return { ...lists, root };
  const splits = readSplitFolders(folder);
  if (splits !== null) return { ...splits, root, problems: [...splits.problems, ...passedOverLists(folder)] };
  // A single folder may be a wrapper around the layout, or the only class there is; the inside decides.
  const inner = wrappers > 0 ? innerFolder(folder) : null;
  const wrapped = inner === null ? null : await recogniseWithin(inner, `${root}${inner.name}/`, wrappers - 1);
  if (wrapped !== null && wrapped.classNames.length > 1) return wrapped;
  if (lists !== null) throw unusableLists(folder, lists);
  const classes = readClassFolders(folder, SPLIT_SEED);
  return classes === null ? null : { ...classes, root };
}

function passedOverLists(folder: FolderNames): DatasetProblem[] {
  const reason = 'names no file of this folder; its train, validation and test folders are used instead.';
  const list = findLists(folder.files).get('train');
  return list === undefined ? [] : [{ path: list, reason, severity: 'notice' }];
}

function unusableLists(folder: FolderNames, lists: RecognisedLayout): StudioError {
  const first = lists.problems.find(({ severity }) => severity === 'excluded');
  const example = first === undefined ? 'The lists are empty.' : `The first: ${first.path} ${first.reason}`;
  return new StudioError(
    'bad-input',
    `None of the files that the lists in "${folder.name}" name can be used. ${example}`,
  );
}

/** The only folder that holds anything, as a folder of its own; null when there are several or none. */
function innerFolder(folder: FolderNames): FolderNames | null {
  const tops = new Set<string>();
  for (const path of [...folder.files, ...folder.emptyFolders]) {
    const slash = path.indexOf('/');
    if (slash > 0) tops.add(path.slice(0, slash));
    if (tops.size > 1) return null;
  }
  const [top] = tops;
  if (top === undefined) return null;
  const prefix = `${top}/`;
  const below = (paths: string[]) =>
    paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  return {
    name: top,
    files: below(folder.files),
    emptyFolders: below(folder.emptyFolders),
    readBytes: (path) => folder.readBytes(prefix + path),
  };
}
