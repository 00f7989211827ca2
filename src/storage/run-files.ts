/**
 * @file The files of runs' checkpoints as files: for a backup, which copies them without knowing what is in them.
 *
 * Dedicated workers only.
 */

import { listUnneeded } from './checkpoint-generations';
import { listNames, makeDirectory, openDirectory, openFile, writeWholeFile } from './opfs-file';

export interface RunFiles {
  /** All files that the run's checkpoints need; empty when it has none. */
  list(runId: string): Promise<File[]>;
  /**
   * Stores a file whole or not at all.
   * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
   */
  write(runId: string, fileName: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

/** @param root the directory of all runs' directories */
export function openRunFiles(root: FileSystemDirectoryHandle): RunFiles {
  return {
    async list(runId) {
      const directory = await openDirectory(root, runId);
      if (!directory) return [];
      const unneeded = new Set(await listUnneeded(directory));
      const names = (await listNames(directory)).filter((name) => !unneeded.has(name));
      const files = await Promise.all(names.sort().map((name) => openFile(directory, name)));
      return files.filter((file) => file !== null);
    },
    async write(runId, fileName, pieces) {
      const subject = `The file ${fileName} of run ${runId}`;
      await writeWholeFile(await makeDirectory(root, runId, subject), fileName, pieces, subject);
    },
  };
}
