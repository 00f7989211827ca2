/** @file Writes a backup where the person wants it: into a file or a folder outside of the browser. */

import { StudioError } from '../domain/failure';
import { gatherPieces } from '../storage/gather-pieces';
import type { BackupEntry } from './backup-entries';

const LEAST_WRITE_BYTES = 4 * 2 ** 20;

/**
 * Writes a file that the person has picked. The browser puts it in place when it is complete: when anything fails, the file is
 * as it was.
 * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
 */
export async function writePickedFile(handle: FileSystemFileHandle, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const stream = await guard(handle.name, () => handle.createWritable());
  try {
    for await (const piece of gatherPieces(pieces, LEAST_WRITE_BYTES)) {
      await guard(handle.name, () => stream.write(new Uint8Array(piece)));
    }
    await guard(handle.name, () => stream.close());
  } catch (error) {
    await stream.abort().catch(() => undefined);
    throw error;
  }
}

/**
 * Writes every entry as a file of a new folder inside the one that the person has picked. When anything fails, that new folder
 * is removed.
 * @throws {StudioError} `storage` when there is a folder of this name, the disk is full or the browser refuses.
 */
export async function writePickedFolder(
  parent: FileSystemDirectoryHandle,
  folderName: string,
  entries: AsyncIterable<BackupEntry>,
): Promise<void> {
  const isTaken = await parent.getDirectoryHandle(folderName).then(
    () => true,
    () => false,
  );
  if (isTaken) {
    throw new StudioError('storage', `${parent.name} has a folder ${folderName} already. Choose another folder.`);
  }
  const folder = await guard(folderName, () => parent.getDirectoryHandle(folderName, { create: true }));
  try {
    for await (const { path, pieces } of entries) {
      const parts = path.split('/');
      const fileName = parts.pop() ?? '';
      const handle = await guard(folderName, async () => {
        let inner = folder;
        for (const part of parts) inner = await inner.getDirectoryHandle(part, { create: true });
        return inner.getFileHandle(fileName, { create: true });
      });
      await writePickedFile(handle, pieces());
    }
  } catch (error) {
    await parent.removeEntry(folderName, { recursive: true }).catch(() => undefined);
    throw error;
  }
}

async function guard<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    const reason = isFull
      ? 'the disk is full. Free some space or choose another place'
      : 'the browser may not write there, or the disk was taken away. Choose another place';
    throw new StudioError('storage', `${name} could not be written: ${reason}.`, { cause });
  }
}
