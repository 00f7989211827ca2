/**
 * @file The IndexedDB database `thorax`: how older versions of it become the present one, and a connection to it.
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
export function openDatabase(): Promise<ThoraxDatabase> {
  return guardStorage('open its database', () => openUpToDate(() => undefined));
}

/** @param onClosed called when the browser or the upgrade of another tab closes the database. */
async function openUpToDate(onClosed: () => void): Promise<ThoraxDatabase> {
  const database: ThoraxDatabase = await openDB<ThoraxSchema>(DATABASE_NAME, MIGRATIONS.length, {
    upgrade: async (opened, oldVersion, _newVersion, transaction) => {
      for (const migrate of MIGRATIONS.slice(oldVersion)) await migrate(opened, transaction);
    },
    // Another tab wants to upgrade: this connection steps aside, or that tab would wait for ever.
    blocking: () => {
      database.close();
      onClosed();
    },
    terminated: onClosed,
  });
  return database;
}

/** A connection that reopens a closed database for the next piece of work. */
export interface Connection {
  /**
   * Runs `work` on the open database. Work that a closing database interrupts runs once more, so it must be safe to repeat.
   * @param intention what it does, for the sentence: "store run 7"
   * @throws {StudioError} `storage` when the browser refuses, or when the tab that closed it was of a newer version.
   */
  use<T>(intention: string, work: (database: ThoraxDatabase) => Promise<T>): Promise<T>;
  close(): void;
}

/** @throws {StudioError} `storage` as {@link openDatabase}. */
export async function connectDatabase(): Promise<Connection> {
  let opened: Promise<ThoraxDatabase> | null = null;
  const open = () => {
    const opening: Promise<ThoraxDatabase> = openUpToDate(() => forget(opening));
    opened = opening;
    // A refusal concerns this call alone; the next one tries again.
    opening.catch(() => forget(opening));
    return opening;
  };
  const forget = (closed: Promise<ThoraxDatabase>) => {
    if (opened === closed) opened = null;
  };
  await guardStorage('open its database', open);
  return {
    use: (intention, work) =>
      guardStorage(intention, async () => {
        const current = opened ?? open();
        const database = await current;
        try {
          return await work(database);
        } catch (error) {
          if (isClosed(error)) forget(current);
          if (opened === current) throw error;
          return work(await (opened ?? open()));
        }
      }),
    close: () => {
      void opened?.then(
        (database) => database.close(),
        () => undefined,
      );
    },
  };
}

/** Runs `work`; an error of the browser becomes a {@link StudioError} that says what Thorax could not do. */
export async function guardStorage<T>(intention: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StudioError('storage', `Thorax could not ${intention}: ${explain(cause)}`, { cause });
  }
}

/** True for the error of a transaction on a closed database. */
function isClosed(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError';
}

function explain(cause: unknown): string {
  switch (cause instanceof DOMException ? cause.name : '') {
    case 'QuotaExceededError':
      return 'the disk is full. Free some space or delete old runs, then try again.';
    case 'VersionError':
      return 'the studio was updated in another tab. Reload this page as soon as nothing is training here.';
    case 'InvalidStateError':
      return 'its database was closed meanwhile. Reload the page.';
    case 'SecurityError':
      return 'the browser lets this page store nothing. Private windows often do not; open the studio in a normal one.';
    case 'AbortError':
      return 'the browser broke it off. Reload the page and try again.';
    default:
      return 'the browser’s database does not work. Restart the browser; private windows and a full disk can be causes.';
  }
}
