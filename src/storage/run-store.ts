/**
 * @file Run records in IndexedDB.
 *
 * A record that this version cannot read (written by a newer one, or damaged) is counted and left where it is.
 */

import { StudioError } from '../domain/failure';
import { parseRunRecord, type RunRecord } from '../domain/run';
import { guardStorage, openDatabase, type ThoraxDatabase } from './database';

export interface RunStore {
  /** All readable records, oldest first, and how many others there are. */
  list(): Promise<{ records: RunRecord[]; unreadable: number }>;
  /**
   * The record, or null when there is none of this id.
   * @throws {StudioError} `storage` when there is one that this version cannot read.
   */
  get(id: string): Promise<RunRecord | null>;
  /** Adds or replaces. On disk when the promise resolves. */
  put(record: RunRecord): Promise<void>;
  /** Removes, readable or not; no error when there is none. */
  delete(id: string): Promise<void>;
  close(): void;
}

/** @throws {StudioError} `storage`, as do all methods, when the browser refuses or the disk is full. */
export async function openRunStore(): Promise<RunStore> {
  const database = await openDatabase();
  return {
    list: () => guardStorage('read the stored runs', () => listRecords(database)),
    get: async (id) => {
      const stored = await guardStorage(`read run ${id}`, () => database.get('runs', id));
      if (stored === undefined) return null;
      const record = readRecord(stored);
      if (record === null) {
        const sentence = `The stored record of run ${id} cannot be read by this version of Thorax. It is kept as it is.`;
        throw new StudioError('storage', sentence);
      }
      return record;
    },
    put: (record) =>
      guardStorage(`store run ${record.id}`, async () => {
        // A record is put once an epoch: the few milliseconds until it is on disk are worth never losing one.
        const transaction = database.transaction('runs', 'readwrite', { durability: 'strict' });
        await Promise.all([transaction.store.put(record), transaction.done]);
      }),
    delete: (id) => guardStorage(`delete run ${id}`, () => database.delete('runs', id)),
    close: () => database.close(),
  };
}

async function listRecords(database: ThoraxDatabase) {
  const records: RunRecord[] = [];
  let unreadable = 0;
  for (const stored of await database.getAll('runs')) {
    const record = readRecord(stored);
    if (record === null) unreadable += 1;
    else records.push(record);
  }
  records.sort((a, b) => a.createdAt - b.createdAt);
  return { records, unreadable };
}

function readRecord(stored: unknown): RunRecord | null {
  try {
    return parseRunRecord(stored);
  } catch {
    return null;
  }
}
