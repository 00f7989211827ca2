/** @file The stored queue and the tabs in memory. For tests only. */

import { addToQueue, moveInQueue, orderQueue, type QueueItem } from '../domain/queue';
import type { QueueStore } from '../storage/queue-store';
import type { TabMessage, Tabs } from '../storage/tabs';

/** @param stored shared by all tabs of a test. */
export function memoryQueue(stored = new Map<string, QueueItem>()): QueueStore {
  const put = (items: QueueItem[]) => {
    for (const item of items) stored.set(item.id, structuredClone(item));
  };
  return {
    list: async () => ({ items: orderQueue([...stored.values()]), unreadable: 0 }),
    has: async (id) => stored.has(id),
    add: async (items) => put(addToQueue([...stored.values()], items)),
    move: async (id, beforeId) => put(moveInQueue([...stored.values()], id, beforeId)),
    setFailure: async (id, failure) => {
      const item = stored.get(id);
      if (item) put([{ ...item, failure }]);
    },
    remove: async (id) => void stored.delete(id),
    close: () => undefined,
  };
}

/** One browser: `openTab` makes what each of its tabs sees. */
export class MemoryBrowser {
  /** By name, the end of the queue for it; a name without an entry is free. */
  private readonly tails = new Map<string, Promise<void>>();
  /** Those that are held as shared. */
  private readonly shared = new Set<string>();
  private readonly listeners: { tab: Tabs; onMessage: (message: TabMessage) => void }[] = [];

  openTab(): Tabs {
    const tab: Tabs = {
      hold: async (name, work) => {
        const before = this.tails.get(name);
        let release = () => {};
        const tail = new Promise<void>((resolve) => {
          release = resolve;
        });
        this.tails.set(name, tail);
        await before;
        try {
          return await work();
        } finally {
          if (this.tails.get(name) === tail) this.tails.delete(name);
          release();
        }
      },
      holdIfFree: async (name, work) => (this.tails.has(name) ? null : tab.hold(name, work)),
      takeShared: async (name) => {
        if (this.tails.has(name)) return null;
        this.shared.add(name);
        return new Promise((resolve) => {
          const untilReleased = () => new Promise<void>((release) => resolve(release));
          void tab.hold(name, untilReleased).then(() => this.shared.delete(name));
        });
      },
      untilFree: async (name) => this.tails.get(name),
      heldLocks: async () => new Set([...this.tails.keys()].filter((name) => !this.shared.has(name))),
      send: (message) => {
        for (const listener of this.listeners) if (listener.tab !== tab) listener.onMessage(message);
      },
      listen: (onMessage) => void this.listeners.push({ tab, onMessage }),
    };
    return tab;
  }
}
