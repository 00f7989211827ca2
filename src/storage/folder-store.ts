/**
 * @file The dataset folder dropped last, so that a reload can offer it again.
 *
 * A directory handle survives in IndexedDB, but its permission does not: the page must ask again, inside a click
 * (`handle.requestPermission`). A browser that cannot store handles simply remembers nothing.
 */

import { guardStorage, openDatabase } from './database';
import type { ThoraxDatabase } from './thorax-schema';

export interface RememberedFolder {
  /** Folder name as shown on screen. */
  name: string;
  handles: FileSystemDirectoryHandle[];
}

const LAST_DATASET = 'last-dataset';

/** Replaces what was remembered before. @throws {StudioError} `storage`. */
export async function rememberFolder(folder: RememberedFolder): Promise<void> {
  await withDatabase('remember the folder', (database) => database.put('folders', folder, LAST_DATASET));
}

/** Null when nothing is remembered, or nothing that can be read. @throws {StudioError} `storage`. */
export async function recallFolder(): Promise<RememberedFolder | null> {
  const stored = await withDatabase('recall the last folder', (database) => database.get('folders', LAST_DATASET));
  return isFolder(stored) ? stored : null;
}

async function withDatabase<T>(intention: string, work: (database: ThoraxDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await guardStorage(intention, () => work(database));
  } finally {
    database.close();
  }
}

function isFolder(value: unknown): value is RememberedFolder {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('handles' in value)) return false;
  const { name, handles } = value;
  const isHandle = (handle: unknown) => handle instanceof FileSystemDirectoryHandle;
  return typeof name === 'string' && Array.isArray(handles) && handles.length > 0 && handles.every(isHandle);
}
