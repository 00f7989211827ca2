/**
 * @file Writes the sample phantoms as a folder in layout (a): 339 / 42 / 45 films of three classes, as many as the
 * notebook's set has. They are then read by the same code as anyone's folder.
 */

import { encode } from 'fast-png';
import type { Split } from '../../domain/split';
import { mapConcurrently } from '../images/work-gate';
import { drawPhantom, PHANTOM_SIZE } from './phantom';
import { PHANTOM_CLASSES, type PhantomClass } from './phantom-lesion';

/** Raise it when the drawing changes: the folder's name holds it, so an older folder is not taken for this one. */
const VERSION = 1;
const SEED = 2020;
const COMPLETE_MARK = 'complete.txt';
const WRITTEN_AT_ONCE = 4;

/** Films of each class. */
const PER_CLASS: Record<Split, number> = { train: 113, validation: 14, test: 15 };
const LISTS: Record<Split, string> = { train: 'training.txt', validation: 'validation.txt', test: 'testing.txt' };

export const SAMPLE_NAME = 'Sample dataset';
export const SAMPLE_IMAGE_COUNT = PHANTOM_CLASSES.length * (PER_CLASS.train + PER_CLASS.validation + PER_CLASS.test);

interface Film {
  kind: PhantomClass;
  index: number;
  name: string;
}

/**
 * The folder of the phantoms below `root`, drawn unless it is complete already.
 * @param onDrawn receives the number of images written so far, out of {@link SAMPLE_IMAGE_COUNT}.
 * @param anew Draw even if it seems complete.
 * @throws {DOMException} when the browser refuses to store; the signal's reason, with what is drawn left for next time.
 */
export async function prepareSampleFolder(
  root: FileSystemDirectoryHandle,
  onDrawn: (count: number) => void,
  anew: boolean,
  signal: AbortSignal,
): Promise<FileSystemDirectoryHandle> {
  const home = await root.getDirectoryHandle(`sample-dataset-${VERSION}`, { create: true });
  const folder = await home.getDirectoryHandle('phantoms', { create: true });
  if (!anew && (await exists(home, COMPLETE_MARK))) return folder;

  const films: Film[] = [];
  for (const [split, list] of Object.entries(LISTS) as [Split, string][]) {
    const listed = filmsOf(split);
    films.push(...listed);
    await write(folder, list, listed.map(({ kind, name }) => `./${kind}/${name}\n`).join(''));
  }
  const folders = new Map<PhantomClass, FileSystemDirectoryHandle>();
  for (const kind of PHANTOM_CLASSES) folders.set(kind, await folder.getDirectoryHandle(kind, { create: true }));
  let drawn = 0;
  await mapConcurrently(films, WRITTEN_AT_ONCE, async ({ kind, index, name }) => {
    signal.throwIfAborted();
    await write(folders.get(kind)!, name, encodePhantom(kind, index));
    drawn += 1;
    onDrawn(drawn);
  });
  await write(home, COMPLETE_MARK, 'All phantoms are written.\n');
  return folder;
}

/** One film as an 8-bit grey PNG. */
export function encodePhantom(kind: PhantomClass, index: number): Uint8Array<ArrayBuffer> {
  const data = drawPhantom(SEED, kind, index);
  // Film grain hardly compresses (55 kB instead of 66) and took three times as long.
  const zlib = { level: 0 } as const;
  return new Uint8Array(encode({ width: PHANTOM_SIZE, height: PHANTOM_SIZE, data, depth: 8, channels: 1 }, { zlib }));
}

/** Classes take turns, so that no part of a list is of one class. */
function filmsOf(split: Split): Film[] {
  const first =
    split === 'train' ? 0 : split === 'validation' ? PER_CLASS.train : PER_CLASS.train + PER_CLASS.validation;
  return Array.from({ length: PER_CLASS[split] }, (_, i) => first + i).flatMap((index) =>
    PHANTOM_CLASSES.map((kind) => ({
      kind,
      index,
      name: `phantom-${kind.toLowerCase()}-${String(index + 1).padStart(3, '0')}.png`,
    })),
  );
}

async function exists(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false;
    throw error;
  }
}

async function write(folder: FileSystemDirectoryHandle, name: string, content: string | Uint8Array<ArrayBuffer>) {
  const handle = await folder.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write(content);
  await stream.close();
}
