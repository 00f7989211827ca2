/**
 * @file The queue in IndexedDB: every change is one transaction, so that two tabs may change it at once.
 *
 * An item that this version cannot read (written by a newer one, or damaged) is counted and left where it is.
 */

import {
  addToQueue,
  moveInQueue,
  type NewQueueItem,
  orderQueue,
  parseQueueItem,
  type QueueItem,
} from '../domain/queue';
import { connectDatabase } from './database';

export interface QueueStore {
  /** All readable items in order, and how many others there are. */
  list(): Promise<{ items: QueueItem[]; unreadable: number }>;
  has(id: string): Promise<boolean>;
  /** Adds them where `addToQueue` says. On disk when the promise resolves. */
  add(items: readonly NewQueueItem[]): Promise<void>;
  /** Puts an item before another, or at the end; nothing changes when either has gone. */
  move(id: string, beforeId: string | null): Promise<void>;
  /** Stores why an item could not be started; null clears it. Nothing changes when the item has gone. */
  setFailure(id: string, failure: string | null): Promise<void>;
  /** No error when there is none. */
  remove(id: string): Promise<void>;
  close(): void;
}

/** @throws {StudioError} `storage`, as do all methods, when the browser refuses or the disk is full. */
export async function openQueueStore(): Promise<QueueStore> {
  const connection = await connectDatabase();

  /** Reads all items and stores those that `change` returns, in one transaction. */
  function update(change: (items: QueueItem[]) => QueueItem[]): Promise<void> {
    return connection.use('change the stored queue', async (database) => {
      const transaction = database.transaction('queue', 'readwrite', { durability: 'strict' });
      const { items } = readItems(await transaction.store.getAll());
      await Promise.all([...change(items).map((item) => transaction.store.put(item)), transaction.done]);
    });
  }

  return {
    list: () => connection.use('read the stored queue', async (database) => readItems(await database.getAll('queue'))),
    has: (id) => connection.use('read the stored queue', async (database) => (await database.count('queue', id)) > 0),
    add: (added) => update((items) => addToQueue(items, added)),
    move: (id, beforeId) => update((items) => moveInQueue(items, id, beforeId)),
    setFailure: (id, failure) =>
      update((items) => items.filter((item) => item.id === id).map((item) => ({ ...item, failure }))),
    remove: (id) => connection.use('change the stored queue', (database) => database.delete('queue', id)),
    close: () => connection.close(),
  };
}

function readItems(stored: unknown[]): { items: QueueItem[]; unreadable: number } {
  const items: QueueItem[] = [];
  for (const value of stored) {
    try {
      items.push(parseQueueItem(value));
    } catch {
      // Counted below.
    }
  }
  return { items: orderQueue(items), unreadable: stored.length - items.length };
}
