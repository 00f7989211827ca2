/**
 * @file Files made for the person to save: written to the origin-private file system, handed to the page from there.
 *
 * A model of 1.2 GB fits no page's memory, but a `File` on disk costs none. Each tab has a directory of its own, which the
 * sweep removes once the tab has gone, and keeps one file in it until the next is made. Dedicated workers only.
 */

import { StudioError } from '../domain/failure';
import { exportLock } from '../domain/lock-names';
import { holdForLife } from './locks';
import { listNames, makeDirectory, openFile, removeQuietly, writeWholeFile } from './opfs-file';

export interface ExportStore {
  /**
   * Writes a file, in place of the one before it.
   * @param subject what it is, for sentences: "The Keras file of VGG16"
   * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
   */
  write(fileName: string, pieces: AsyncIterable<Uint8Array>, subject: string): Promise<File>;
}

/** @param root the directory of all tabs' directories */
export function openExportStore(root: FileSystemDirectoryHandle): ExportStore {
  const directoryName = crypto.randomUUID();
  const locked = holdForLife(exportLock(directoryName));
  return {
    async write(fileName, pieces, subject) {
      await locked;
      const directory = await makeDirectory(root, directoryName, subject);
      for (const name of await listNames(directory)) await removeQuietly(directory, name);
      await writeWholeFile(directory, fileName, pieces, subject);
      const file = await openFile(directory, fileName);
      if (!file) throw new StudioError('storage', `${subject} could not be stored: the browser removed it. Try again.`);
      return file;
    },
  };
}
