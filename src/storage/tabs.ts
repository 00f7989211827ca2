/** @file What the tabs of the studio agree on: who trains what, and that something has changed. */

import { heldLocks, hold, holdIfFree, untilFree } from './locks';

/** Held by the tab whose worker trains its way through the queue. */
export const QUEUE_LOCK = 'thorax-queue';

/** `queueChanged`: read it again. `queueStopped`: a person has stopped it, so no tab goes on by itself. */
export type TabMessage = 'queueChanged' | 'queueStopped';

export interface Tabs {
  /** Works while it holds the lock, which it waits for. */
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** The same, but answers null at once, without having worked, when another holds the lock. */
  holdIfFree<T>(name: string, work: () => Promise<T>): Promise<T | null>;
  /** Resolves when nobody holds the lock. */
  untilFree(name: string): Promise<void>;
  /** The names of all locks that are held, in any tab. */
  heldLocks(): Promise<ReadonlySet<string>>;
  /** Sends to the other tabs. */
  tell(message: TabMessage): void;
  /** Calls back for what other tabs send. */
  listen(onMessage: (message: TabMessage) => void): void;
}

/** The tabs of this browser. */
export function openTabs(): Tabs {
  const channel = new BroadcastChannel(QUEUE_LOCK);
  return {
    hold,
    holdIfFree,
    untilFree,
    heldLocks,
    tell: (message) => channel.postMessage(message),
    listen: (onMessage) => channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => onMessage(data)),
  };
}
