/**
 * @file Files made for the person to save: written to the origin-private file system, handed to the page from there.
 *
 * A model of 1.2 GB fits no page's memory, but a `File` on disk costs none. One file is kept at a time, until the next is
 * made or the studio starts anew. Dedicated workers only.
 */

import { StudioError } from '../domain/failure';
import { openFile, removeQuietly, writeWholeFile } from './opfs-file';

export interface ExportStore {
  /**
   * Writes a file, in place of the one before it.
   * @param subject what it is, for sentences: "The Keras file of VGG16"
   * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
   */
  write(fileName: string, pieces: AsyncIterable<Uint8Array>, subject: string): Promise<File>;
}

/** Removes what was left from the last time. */
export async function openExportStore(root: FileSystemDirectoryHandle): Promise<ExportStore> {
  await clear(root);
  return {
    async write(fileName, pieces, subject) {
      await clear(root);
      await writeWholeFile(root, fileName, pieces, subject);
      const file = await openFile(root, fileName);
      if (!file) throw new StudioError('storage', `${subject} could not be stored: the browser removed it. Try again.`);
      return file;
    },
  };
}

async function clear(root: FileSystemDirectoryHandle): Promise<void> {
  const names: string[] = [];
  for await (const name of root.keys()) names.push(name);
  for (const name of names) await removeQuietly(root, name);
}
