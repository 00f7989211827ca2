/**
 * @file The dataset folders that were dropped, so that a reload can offer the last one again, and a run that is continued finds
 * its own.
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

/** A dataset as a run's record names it; `id` is its fingerprint. */
interface WantedDataset {
  id: string;
  name: string;
}

const LAST_DATASET = 'last-dataset';
/** Newest first. */
const BY_DATASET = 'by-dataset';
/** A dataset whose files change has another id each time. */
const KEPT = 50;

/** Replaces what was remembered as the last one. @throws {StudioError} `storage`. */
export async function rememberFolder(folder: RememberedFolder, datasetId: string): Promise<void> {
  await withDatabase('remember the folder', async (database) => {
    const transaction = database.transaction('folders', 'readwrite');
    const { store } = transaction;
    const others = readEntries(await store.get(BY_DATASET)).filter((entry) => entry.datasetId !== datasetId);
    const entries = [{ ...folder, datasetId }, ...others].slice(0, KEPT);
    await Promise.all([store.put(folder, LAST_DATASET), store.put(entries, BY_DATASET), transaction.done]);
  });
}

/** Null when nothing is remembered, or nothing that can be read. @throws {StudioError} `storage`. */
export async function recallFolder(): Promise<RememberedFolder | null> {
  const stored = await withDatabase('recall the last folder', (database) => database.get('folders', LAST_DATASET));
  return isFolder(stored) ? stored : null;
}

/** The folder of one dataset; where that was not remembered, the last one if it has the same name. */
export async function recallFolderOf({ id, name }: WantedDataset): Promise<RememberedFolder | null> {
  const stored = await withDatabase('recall the folder', (database) => database.get('folders', BY_DATASET));
  const known = readEntries(stored).find(({ datasetId }) => datasetId === id);
  if (known) return { name: known.name, handles: known.handles };
  const last = await recallFolder();
  return last?.name === name ? last : null;
}

async function withDatabase<T>(intention: string, work: (database: ThoraxDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await guardStorage(intention, () => work(database));
  } finally {
    database.close();
  }
}

function readEntries(stored: unknown): (RememberedFolder & { datasetId: string })[] {
  if (!Array.isArray(stored)) return [];
  const isEntry = (value: unknown) => isFolder(value) && 'datasetId' in value && typeof value.datasetId === 'string';
  return stored.filter(isEntry);
}

function isFolder(value: unknown): value is RememberedFolder {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('handles' in value)) return false;
  const { name, handles } = value;
  const isHandle = (handle: unknown) => handle instanceof FileSystemDirectoryHandle;
  return typeof name === 'string' && Array.isArray(handles) && handles.length > 0 && handles.every(isHandle);
}
