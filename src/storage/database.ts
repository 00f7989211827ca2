/**
 * @file The IndexedDB database `thorax`: its stores and how older versions of it become the present one.
 *
 * Step k of {@link MIGRATIONS} takes version k to k + 1, so a database of any age walks the rest of the list. A released
 * step is never edited; a change is a new step at the end.
 */

import { openDB } from 'idb';
import { StudioError } from '../domain/failure';
import { splitPredictions } from './split-predictions';
import type { ThoraxDatabase, ThoraxSchema, UpgradeTransaction } from './thorax-schema';

export const DATABASE_NAME = 'thorax';

/** A step may wait for requests of its transaction, and for nothing else: the transaction would end. */
const MIGRATIONS: ((database: ThoraxDatabase, transaction: UpgradeTransaction) => Promise<void> | void)[] = [
  (database) => {
    database.createObjectStore('runs', { keyPath: 'id' });
    database.createObjectStore('folders');
  },
  async (database, transaction) => {
    database.createObjectStore('predictions', { keyPath: ['runId', 'split', 'weights'] });
    database.createObjectStore('queue', { keyPath: 'id' });
    await splitPredictions(transaction);
  },
];

/**
 * Opens the database, bringing it up to date.
 * @throws {StudioError} `storage` when the browser refuses, or when a newer Thorax has already written to it.
 */
export async function openDatabase(): Promise<ThoraxDatabase> {
  return guardStorage(`open its database`, async () => {
    const database: ThoraxDatabase = await openDB<ThoraxSchema>(DATABASE_NAME, MIGRATIONS.length, {
      upgrade: async (opened, oldVersion, _newVersion, transaction) => {
        for (const migrate of MIGRATIONS.slice(oldVersion)) await migrate(opened, transaction);
      },
      // Another tab wants to upgrade: this connection steps aside, or that tab would wait for ever.
      blocking: () => database.close(),
    });
    return database;
  });
}

/** Runs `work`; what the browser throws becomes a sentence that says what Thorax could not do. */
export async function guardStorage<T>(intention: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StudioError('storage', `Thorax could not ${intention}: ${explain(cause)}`, { cause });
  }
}

function explain(cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'QuotaExceededError') return 'the disk is full. Free some space or delete old runs, then try again.';
  if (name === 'VersionError') return 'a newer Thorax has been used in this browser. Reload the page.';
  if (name === 'InvalidStateError') return 'the studio was updated in another tab. Reload the page.';
  return `the browser refused (${cause instanceof Error ? cause.message : String(cause)}). Private windows often do.`;
}
