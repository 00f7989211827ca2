/**
 * @file What the database `thorax` holds.
 *
 * Values are `unknown`: they were written by some version of the program and are parsed by whoever reads them.
 */

import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';

export interface ThoraxSchema extends DBSchema {
  /** Run records; the key is the record's `id`. */
  runs: { key: string; value: unknown };
  /** What a run's weights predicted of a split; the key is the row's run, split and weights. */
  predictions: { key: [runId: string, split: string, weights: string]; value: unknown };
  /** Runs that wait; the key is the item's `id`. */
  queue: { key: string; value: unknown };
  /** Remembered dataset folders, by what they are remembered for. */
  folders: { key: string; value: unknown };
}

export type ThoraxDatabase = IDBPDatabase<ThoraxSchema>;

export type UpgradeTransaction = IDBPTransaction<ThoraxSchema, StoreNames<ThoraxSchema>[], 'versionchange'>;
