/**
 * @file Accepted pretrained weights files in the origin-private file system, under their official names.
 *
 * Dedicated workers only. Nothing is checked here but the length: what is handed in has been matched before. A download
 * grows under a name of its own, so that it can go on after a broken connection or a closed page.
 */

import { StudioError } from '../domain/failure';
import { appendToFile, openFile, removeQuietly, renameFile, writeWholeFile } from './opfs-file';

export interface PretrainedStore {
  has(fileName: string): Promise<boolean>;
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
}

const DOWNLOAD_ENDING = '.download';

export function openPretrainedStore(root: FileSystemDirectoryHandle): PretrainedStore {
  const subjectOf = (fileName: string) => `The weights file ${fileName}`;
  return {
    has: async (fileName) => (await openFile(root, fileName)) !== null,
    open: (fileName) => openFile(root, fileName),
    save: async (fileName, file) => {
      await writeWholeFile(root, fileName, readToEnd(file), subjectOf(file.name));
    },
    openDownload: (fileName) => openFile(root, fileName + DOWNLOAD_ENDING),
    continueDownload: (fileName, at, pieces) => {
      return appendToFile(root, fileName + DOWNLOAD_ENDING, at, pieces, subjectOf(fileName));
    },
    keepDownload: (fileName) => renameFile(root, fileName + DOWNLOAD_ENDING, fileName, subjectOf(fileName)),
    dropDownload: (fileName) => removeQuietly(root, fileName + DOWNLOAD_ENDING),
  };
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
