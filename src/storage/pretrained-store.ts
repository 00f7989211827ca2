/**
 * @file Accepted pretrained weights files in the origin-private file system, under their official names.
 *
 * Dedicated workers only. Nothing is checked here but the length: what is handed in has been matched before. A download
 * grows under a name of its own, so that it can go on after a broken connection or a closed page. The name that a file
 * came with lies beside it; it is never that of another file, but may be unknown after a crash.
 */

import { StudioError } from '../domain/failure';
import type { KeptFile } from '../domain/protocol';
import { appendToFile, isNotFound, openFile, removeQuietly, renameFile, writeWholeFile } from './opfs-file';

export interface PretrainedStore {
  /** What is kept under an official name; null when nothing is. */
  describe(fileName: string): Promise<KeptFile | null>;
  /** The file, read from disk as it is used; null when it is not kept. */
  open(fileName: string): Promise<File | null>;
  /**
   * Keeps a copy under `fileName`, replacing an older one; streamed, never held in memory.
   * @throws {StudioError} `storage` when the disk is full or the browser refuses, `bad-input` when `file` cannot be read
   * to its end. What was kept before is kept.
   */
  save(fileName: string, file: File): Promise<void>;
  /** What is there of an unfinished download; null when nothing is. */
  openDownload(fileName: string): Promise<File | null>;
  /**
   * Goes on with a download at byte `at`, dropping what was there from then on; what has come stays, whatever fails.
   * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
   */
  continueDownload(fileName: string, at: number, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  /** Keeps a finished download under its official name. */
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
const NAME_ENDING = '.name';

export function openPretrainedStore(root: FileSystemDirectoryHandle): PretrainedStore {
  const subjectOf = (fileName: string) => `The weights file ${fileName}`;
  const forgetName = (fileName: string) => removeQuietly(root, fileName + NAME_ENDING);
  /** Without its name a file is as good: whatever fails here is no failure of keeping it. */
  const noteName = async (fileName: string, name: string) => {
    await writeWholeFile(root, fileName + NAME_ENDING, textPieces(name), subjectOf(name)).catch(() => undefined);
  };
  return {
    describe: async (fileName) => {
      const file = await openFile(root, fileName);
      if (!file) return null;
      const name = await openFile(root, fileName + NAME_ENDING);
      return { name: (await name?.text()) || null, sizeBytes: file.size };
    },
    open: (fileName) => openFile(root, fileName),
    save: async (fileName, file) => {
      const pieces = async function* () {
        yield* readToEnd(file);
        // All of it is there: the old file's name goes before the new file gets its place.
        await forgetName(fileName);
      };
      await writeWholeFile(root, fileName, pieces(), subjectOf(file.name));
      await noteName(fileName, file.name);
    },
    openDownload: (fileName) => openFile(root, fileName + DOWNLOAD_ENDING),
    continueDownload: (fileName, at, pieces) => {
      return appendToFile(root, fileName + DOWNLOAD_ENDING, at, pieces, subjectOf(fileName));
    },
    keepDownload: async (fileName) => {
      await forgetName(fileName);
      await renameFile(root, fileName + DOWNLOAD_ENDING, fileName, subjectOf(fileName));
      await noteName(fileName, fileName);
    },
    dropDownload: (fileName) => removeQuietly(root, fileName + DOWNLOAD_ENDING),
    remove: async (fileName) => {
      await root.removeEntry(fileName).catch((cause: unknown) => {
        if (isNotFound(cause)) return;
        const why = cause instanceof Error ? cause.message : String(cause);
        const sentence = `${subjectOf(fileName)} could not be removed: the browser refused (${why}). Try again.`;
        throw new StudioError('storage', sentence, { cause });
      });
      await forgetName(fileName);
      await removeQuietly(root, fileName + DOWNLOAD_ENDING);
    },
  };
}

async function* textPieces(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** The file's bytes as they come from disk; one that shrinks or disappears meanwhile fails before it gets its name. */
async function* readToEnd(file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  let readBytes = 0;
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      readBytes += step.value.byteLength;
      yield step.value;
    }
  } catch (cause) {
    throw unreadable(file, cause);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (readBytes !== file.size) throw unreadable(file, null);
}

function unreadable(file: File, cause: unknown): StudioError {
  const sentence = `${file.name} could not be read to its end: it was changed or removed meanwhile. Drop it again.`;
  return new StudioError('bad-input', sentence, { cause });
}
