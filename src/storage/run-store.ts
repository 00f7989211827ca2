/**
 * @file Run records in IndexedDB.
 *
 * A record that this version cannot read (written by a newer one, or damaged) is counted and left where it is.
 */

import { StudioError } from '../domain/failure';
import { type RunPredictions, type RunRecord, WEIGHTS_KINDS } from '../domain/run';
import { parsePredictionRow, parseRunRecord, parseStoredRun } from '../domain/stored-run';
import { guardStorage, openDatabase } from './database';
import { predictionRows } from './prediction-rows';
import type { ThoraxDatabase } from './thorax-schema';

export interface RunStore {
  /** All readable records, oldest first, and how many others there are. */
  list(): Promise<{ records: RunRecord[]; unreadable: number }>;
  /**
   * The record, or null when there is none of this id.
   * @throws {StudioError} `storage` when there is one that this version cannot read.
   */
  get(id: string): Promise<RunRecord | null>;
  /**
   * What the run's weights predicted of the test images.
   * @throws {StudioError} `storage` when there is something that this version cannot read.
   */
  predictions(id: string): Promise<RunPredictions>;
  /**
   * Adds or replaces, both or neither. On disk when the promise resolves.
   * @param predictions in place of all that were stored; those stay when it is left out.
   */
  put(record: RunRecord, predictions?: RunPredictions): Promise<void>;
  /** Removes the record, readable or not, and its predictions; no error when there is none. */
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
    predictions: (id) => readPredictions(database, id),
    put: (record, predictions) => guardStorage(`store run ${record.id}`, () => put(database, record, predictions)),
    delete: (id) =>
      guardStorage(`delete run ${id}`, async () => {
        const transaction = database.transaction(['runs', 'predictions'], 'readwrite');
        const removals = [
          transaction.objectStore('runs').delete(id),
          transaction.objectStore('predictions').delete(predictionsOf(id)),
        ];
        await Promise.all([...removals, transaction.done]);
      }),
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

async function put(database: ThoraxDatabase, record: RunRecord, predictions?: RunPredictions): Promise<void> {
  // A record is put once an epoch: the few milliseconds until it is on disk are worth never losing one.
  const transaction = database.transaction(['runs', 'predictions'], 'readwrite', { durability: 'strict' });
  const writes: Promise<unknown>[] = [transaction.objectStore('runs').put(record)];
  if (predictions) {
    const store = transaction.objectStore('predictions');
    writes.push(store.delete(predictionsOf(record.id)));
    for (const row of predictionRows(record.id, predictions)) writes.push(store.put(row));
  }
  await Promise.all([...writes, transaction.done]);
}

async function readPredictions(database: ThoraxDatabase, id: string): Promise<RunPredictions> {
  const { record, rows } = await guardStorage(`read the predictions of run ${id}`, async () => {
    const transaction = database.transaction(['runs', 'predictions']);
    const rows = WEIGHTS_KINDS.map((weights) => transaction.objectStore('predictions').get([id, 'test', weights]));
    const record = await transaction.objectStore('runs').get(id);
    return { record, rows: await Promise.all(rows) };
  });
  try {
    const [last, best] = rows.map((row) => (row === undefined ? null : parsePredictionRow(row)));
    // A record that no migration could read may still hold its own.
    const inRecord = record === undefined || last || best ? null : parseStoredRun(record).predictions;
    return inRecord ?? { last, best };
  } catch (cause) {
    const sentence = `The stored predictions of run ${id} cannot be read by this version of Thorax. They are kept as they are.`;
    throw new StudioError('storage', sentence, { cause });
  }
}

/** The keys of all of a run's predictions: an array sorts after every string. */
function predictionsOf(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

function readRecord(stored: unknown): RunRecord | null {
  try {
    return parseRunRecord(stored);
  } catch {
    return null;
  }
}
