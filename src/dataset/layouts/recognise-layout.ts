/**
 * @file Decides which of the three layouts a folder has, also inside a folder that merely wraps it.
 */

import type { DatasetLayout, DatasetProblem } from '../../domain/dataset';
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
  if (splits !== null) return withNotices({ ...splits, root }, folder, lists);
  // A single folder may be a wrapper around the layout, or the only class there is; the inside decides.
  const inner = wrappers > 0 ? innerFolder(folder) : null;
  const wrapped = inner === null ? null : await recogniseWithin(inner, `${root}${inner.name}/`, wrappers - 1);
  if (wrapped !== null && wrapped.classNames.length > 1) return withNotices(wrapped, folder, lists);
  if (lists !== null) throw unusableLists(folder, lists);
  const classes = readClassFolders(folder, SPLIT_SEED);
  return classes === null ? null : withNotices({ ...classes, root }, folder, lists);
}

const INSTEAD: Record<DatasetLayout, string> = {
  lists: 'the lists further inside are used instead.',
  'split-folders': 'the train, validation and test folders are used instead.',
  'class-folders': 'the images are split 80/10/10 by class folder instead.',
};

/** A layout, with every list of this folder that was passed over for it among its problems. */
function withNotices(found: FoundLayout, folder: FolderNames, lists: RecognisedLayout | null): FoundLayout {
  const why =
    lists === null
      ? 'There is no training.txt beside it.'
      : `None of the files that the lists name can be used. ${whyUnusable(lists)}`;
  const notices = [...findLists(folder.files).values()].map((list): DatasetProblem => {
    const reason = `was passed over: ${INSTEAD[found.layout]} ${why}`;
    return { path: list, reason, severity: 'notice' };
  });
  return { ...found, problems: [...notices, ...found.problems] };
}

function unusableLists(folder: FolderNames, lists: RecognisedLayout): StudioError {
  const sentence = `None of the files that the lists in "${folder.name}" name can be used. ${whyUnusable(lists)}`;
  return new StudioError('bad-input', sentence);
}

function whyUnusable(lists: RecognisedLayout): string {
  const first = lists.problems.find(({ severity }) => severity === 'excluded');
  return first === undefined ? 'The lists are empty.' : `The first: ${first.path} ${first.reason}`;
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
