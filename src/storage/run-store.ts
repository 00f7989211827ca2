/**
 * @file Run records and their predictions in IndexedDB.
 *
 * A record that this version cannot read (written by a newer one, or damaged) is listed as such and left as it is.
 */

import { StudioError } from '../domain/failure';
import { type RunPredictions, type RunRecord, WEIGHTS_KINDS } from '../domain/run';
import {
  parsePredictionRow,
  parseRunRecord,
  parseStoredRun,
  readStoredRuns,
  type UnreadableRun,
} from '../domain/stored-run';
import { connectDatabase } from './database';
import { predictionRows } from './prediction-rows';
import type { ThoraxDatabase } from './thorax-schema';

/** What is stored of a run, as it is stored. */
export interface RawRun {
  record: unknown;
  predictions: unknown[];
}

export interface RunStore {
  /** All readable records, oldest first, and descriptions of the unreadable ones. */
  list(): Promise<{ records: RunRecord[]; unreadable: UnreadableRun[] }>;
  /** The ids of all records, readable or not. */
  ids(): Promise<ReadonlySet<string>>;
  /**
   * The record, or null when there is none of this id.
   * @throws {StudioError} `storage` when there is one that this version cannot read.
   */
  get(id: string): Promise<RunRecord | null>;
  /** The record as it is stored, readable or not, and its rows of predictions; null when there is no such record. */
  readRaw(id: string): Promise<RawRun | null>;
  /**
   * What the run's weights predicted for the test images.
   * @throws {StudioError} `storage` when this version cannot read them.
   */
  predictions(id: string): Promise<RunPredictions>;
  /**
   * Adds or replaces record and predictions in one transaction. On disk when the promise resolves.
   * @param predictions replace all that were stored; when left out, the stored ones stay.
   */
  put(record: RunRecord, predictions?: RunPredictions): Promise<void>;
  /**
   * Like {@link RunStore.put}, but adds nothing: a run that was deleted meanwhile stays deleted.
   * @returns whether there was a record of this id.
   */
  update(record: RunRecord, predictions?: RunPredictions): Promise<boolean>;
  /**
   * Adds a run as it was stored elsewhere. On disk when the promise resolves.
   * @returns false when there is a record of this id; nothing is changed then.
   */
  add(id: string, raw: RawRun): Promise<boolean>;
  /** Removes the record, readable or not, and its predictions; no error when there is none. */
  delete(id: string): Promise<void>;
  close(): void;
}

/** @throws {StudioError} `storage`, as do all methods, when the browser refuses or the disk is full. */
export async function openRunStore(): Promise<RunStore> {
  const connection = await connectDatabase();
  return {
    list: () => connection.use('read the stored runs', listRecords),
    ids: () => connection.use('read the stored runs', async (database) => new Set(await database.getAllKeys('runs'))),
    get: async (id) => {
      const stored = await connection.use(`read run ${id}`, (database) => database.get('runs', id));
      if (stored === undefined) return null;
      try {
        return parseRunRecord(stored);
      } catch (cause) {
        const sentence = `The stored record of run ${id} cannot be read by this version of Thorax. It is kept as it is.`;
        throw new StudioError('storage', sentence, { cause });
      }
    },
    readRaw: (id) =>
      connection.use(`read run ${id}`, async (database) => {
        const transaction = database.transaction(['runs', 'predictions']);
        const [record, predictions] = await Promise.all([
          transaction.objectStore('runs').get(id),
          transaction.objectStore('predictions').getAll(predictionsOf(id)),
        ]);
        return record === undefined ? null : { record, predictions };
      }),
    predictions: async (id) => {
      const stored = await connection.use(`read run ${id}`, (database) => readPredictions(database, id));
      return parsePredictions(id, stored);
    },
    put: async (record, predictions) => {
      await connection.use(`store run ${record.id}`, (database) => put(database, record, predictions));
    },
    update: (record, predictions) =>
      connection.use(`store run ${record.id}`, (database) => put(database, record, predictions, isStored)),
    add: (id, raw) => connection.use(`store run ${id}`, (database) => add(database, id, raw)),
    delete: (id) =>
      connection.use(`delete run ${id}`, async (database) => {
        const transaction = database.transaction(['runs', 'predictions'], 'readwrite');
        const removals = [
          transaction.objectStore('runs').delete(id),
          transaction.objectStore('predictions').delete(predictionsOf(id)),
        ];
        await Promise.all([...removals, transaction.done]);
      }),
    close: () => connection.close(),
  };
}

async function listRecords(database: ThoraxDatabase) {
  const { store } = database.transaction('runs');
  const [ids, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
  return readStoredRuns(ids, values);
}

const isStored = (stored: unknown) => stored !== undefined;

/** @returns whether `mayPut` allowed it for what is stored under this id. */
async function put(
  database: ThoraxDatabase,
  record: RunRecord,
  predictions?: RunPredictions,
  mayPut: (stored: unknown) => boolean = () => true,
): Promise<boolean> {
  // A record is put once an epoch: the few milliseconds until it is on disk are worth never losing one.
  const transaction = database.transaction(['runs', 'predictions'], 'readwrite', { durability: 'strict' });
  if (!mayPut(await transaction.objectStore('runs').get(record.id))) return false;
  const writes: Promise<unknown>[] = [transaction.objectStore('runs').put(record)];
  if (predictions) {
    const store = transaction.objectStore('predictions');
    writes.push(store.delete(predictionsOf(record.id)));
    for (const row of predictionRows(record.id, predictions)) writes.push(store.put(row));
  }
  await Promise.all([...writes, transaction.done]);
  return true;
}

async function add(database: ThoraxDatabase, id: string, { record, predictions }: RawRun): Promise<boolean> {
  const transaction = database.transaction(['runs', 'predictions'], 'readwrite', { durability: 'strict' });
  if (isStored(await transaction.objectStore('runs').get(id))) return false;
  const store = transaction.objectStore('predictions');
  const writes: Promise<unknown>[] = [store.delete(predictionsOf(id)), transaction.objectStore('runs').put(record)];
  for (const row of predictions) writes.push(store.put(row));
  await Promise.all([...writes, transaction.done]);
  return true;
}

interface StoredPredictions {
  /** A record that no migration could read may still hold its own. */
  record: unknown;
  /** In the order of {@link WEIGHTS_KINDS}. */
  rows: unknown[];
}

async function readPredictions(database: ThoraxDatabase, id: string): Promise<StoredPredictions> {
  const transaction = database.transaction(['runs', 'predictions']);
  const keys = WEIGHTS_KINDS.map((weights): [string, string, string] => [id, 'test', weights]);
  const [record, ...rows] = await Promise.all([
    transaction.objectStore('runs').get(id),
    ...keys.map((key) => transaction.objectStore('predictions').get(key)),
  ]);
  return { record, rows };
}

function parsePredictions(id: string, { record, rows }: StoredPredictions): RunPredictions {
  try {
    const [last, best] = rows.map((row) => (row === undefined ? null : parsePredictionRow(row)));
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
