/**
 * @file Accepted pretrained weights files in the origin-private file system, under their official names.
 *
 * Dedicated workers only. Only the length is checked here; the caller has matched the file before. A download
 * grows under a name of its own, so that it can go on after a broken connection or a closed page. What is known of a file,
 * the name it came with and whether it is Keras' own, lies beside it; that is never of another file, but may be missing
 * after a crash. Reading and replacing a file exclude each other by a lock of the origin's, in all tabs.
 */

import { piecesToEnd } from '../base/stream-pieces';
import { StudioError } from '../domain/failure';
import {
  appendToFile,
  isNotFound,
  openFile,
  refusal,
  removeQuietly,
  renameFile,
  TEMPORARY_ENDING,
  writeText,
  writeWholeFile,
} from './opfs-file';

/** What is known of a kept file. */
export interface StoredWeights {
  /** The imported file's name; null when it was not recorded. */
  name: string | null;
  sizeBytes: number;
  /** Whether it is the file that Keras publishes; null when it was not recorded. */
  official: boolean | null;
}

export interface PretrainedStore {
  /** Describes the file kept under an official name; null when there is none. */
  describe(fileName: string): Promise<StoredWeights | null>;
  /** The file, read from disk as it is used; null when it is not kept. */
  open(fileName: string): Promise<File | null>;
  /**
   * Does work during which the kept file is neither replaced nor removed, in this tab or another; it waits until that is
   * over. The work itself must not save, keep or remove that file.
   */
  whileKept<T>(fileName: string, work: () => Promise<T>): Promise<T>;
  /**
   * Keeps a copy under `fileName`, replacing an older one; streamed, never held in memory.
   * @param official whether it is the file that Keras publishes
   * @throws {StudioError} `storage` when the disk is full or the browser refuses, `bad-input` when `file` cannot be read
   * to its end. What was kept before is kept.
   */
  save(fileName: string, file: File, official: boolean): Promise<void>;
  /** The part of an unfinished download that has arrived; null when there is none. */
  openDownload(fileName: string): Promise<File | null>;
  /**
   * Goes on with a download at byte `at`, dropping what was there from then on; what has come stays, whatever fails.
   * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
   */
  continueDownload(fileName: string, at: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  /** Keeps a finished download, which is Keras' file, under its official name. */
  keepDownload(fileName: string): Promise<void>;
  /** Removes an unfinished download; no error when there is none. */
  dropDownload(fileName: string): Promise<void>;
  /**
   * Removes the kept file and what there is of a download; no error when there is none.
   * @throws {StudioError} `storage` when the browser refuses; the file is kept then.
   */
  remove(fileName: string): Promise<void>;
}

const DOWNLOAD_ENDING = '.download';
/** From when the name alone was noted; such notes are still read. */
const NOTE_ENDING = '.name';
/** How long an unfinished download is kept to go on with. */
const DOWNLOAD_KEPT_MS = 7 * 24 * 3600 * 1000;

/** @param root the directory of all kept weights files. */
export function openPretrainedStore(root: FileSystemDirectoryHandle): PretrainedStore {
  const subjectOf = (fileName: string) => `The weights file ${fileName}`;
  const forget = (fileName: string) => removeQuietly(root, fileName + NOTE_ENDING);
  /** A file is usable without its note, so a failure here does not fail the save. */
  const note = async (fileName: string, name: string, official: boolean) => {
    const text = encodeNote({ name, official });
    await writeText(root, fileName + NOTE_ENDING, text, subjectOf(name)).catch(() => undefined);
  };
  const lock = <T>(mode: LockMode, fileName: string, work: () => Promise<T>): Promise<T> =>
    // To TypeScript the result is a promise of a promise; `then` flattens it as the browser does.
    navigator.locks.request(weightsLock(root, fileName), { mode }, work).then((result) => result);
  return {
    describe: async (fileName) => {
      const file = await openFile(root, fileName);
      if (!file) return null;
      const known = await openFile(root, fileName + NOTE_ENDING);
      return { ...decodeNote((await known?.text()) ?? ''), sizeBytes: file.size };
    },
    open: (fileName) => openFile(root, fileName),
    whileKept: (fileName, work) => lock('shared', fileName, work),
    save: (fileName, file, official) =>
      lock('exclusive', fileName, async () => {
        const pieces = async function* () {
          // One that shrinks or disappears meanwhile fails before it gets its name.
          yield* piecesToEnd(file, (cause) => unreadable(file, cause));
          // The new file is complete. The old file's note is removed before the new file replaces the old one.
          await forget(fileName);
        };
        await writeWholeFile(root, fileName, pieces(), subjectOf(file.name));
        await note(fileName, file.name, official);
      }),
    openDownload: (fileName) => openFile(root, fileName + DOWNLOAD_ENDING),
    continueDownload: (fileName, at, pieces) => {
      return appendToFile(root, fileName + DOWNLOAD_ENDING, at, pieces, subjectOf(fileName));
    },
    keepDownload: (fileName) =>
      lock('exclusive', fileName, async () => {
        await forget(fileName);
        await renameFile(root, fileName + DOWNLOAD_ENDING, fileName, subjectOf(fileName));
        await note(fileName, fileName, true);
      }),
    dropDownload: (fileName) => removeQuietly(root, fileName + DOWNLOAD_ENDING),
    remove: (fileName) =>
      lock('exclusive', fileName, async () => {
        await root.removeEntry(fileName).catch((cause: unknown) => {
          if (isNotFound(cause)) return;
          throw refusal(`${subjectOf(fileName)} could not be removed`, cause);
        });
        await forget(fileName);
        await removeQuietly(root, fileName + DOWNLOAD_ENDING);
      }),
  };
}

/** Held while a kept file is read (shared), replaced or removed (exclusive). */
export function weightsLock(root: FileSystemDirectoryHandle, fileName: string): string {
  return `${root.name}/${fileName}`;
}

/**
 * Whether a file of the directory is what interrupted work left: half a file, or a download that nobody has gone on with
 * for a week.
 * @returns the official name of the file it was to become; null when it is no leftover
 */
export async function leftoverOf(root: FileSystemDirectoryHandle, name: string): Promise<string | null> {
  if (name.endsWith(TEMPORARY_ENDING)) return withoutEnding(withoutEnding(name, TEMPORARY_ENDING), NOTE_ENDING);
  if (!name.endsWith(DOWNLOAD_ENDING)) return null;
  const file = await openFile(root, name);
  const isForgotten = file !== null && file.lastModified < Date.now() - DOWNLOAD_KEPT_MS;
  return isForgotten ? withoutEnding(name, DOWNLOAD_ENDING) : null;
}

/** The official name of the file that a file of the directory is, belongs to or is to become. */
export function officialNameOf(name: string): string {
  return [TEMPORARY_ENDING, NOTE_ENDING, DOWNLOAD_ENDING].reduce(withoutEnding, name);
}

function withoutEnding(name: string, ending: string): string {
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

type Note = Pick<StoredWeights, 'name' | 'official'>;

/** The text of the note beside a kept file; {@link decodeNote} reads it. */
export function encodeNote(note: Note): string {
  return JSON.stringify(note);
}

/** Reads a note of this version, or the bare name of an older one. Without a note (empty text) nothing is known. */
export function decodeNote(text: string): Note {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'name' in value && 'official' in value) {
      const { name, official } = value;
      if (typeof name === 'string' && typeof official === 'boolean') return { name, official };
    }
  } catch {
    // The bare name.
  }
  return { name: text || null, official: null };
}

function unreadable(file: File, cause: unknown): StudioError {
  const sentence = `${file.name} could not be read to its end: it was changed or removed meanwhile. Drop it again.`;
  return new StudioError('bad-input', sentence, { cause });
}
