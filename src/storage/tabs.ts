/** @file Messages and locks between the tabs of the studio: which tab trains, and that the queue has changed. */

import { QUEUE_LOCK } from '../domain/lock-names';
import { heldLocks, hold, holdIfFree, takeShared, untilFree } from './locks';

/**
 * `queueChanged`: read it again. `queueStopped`: a person has stopped it, so no tab goes on by itself. `runsChanged`: stored runs
 * were deleted or added.
 */
export type TabMessage = 'queueChanged' | 'queueStopped' | 'runsChanged';

export interface Tabs {
  /** Waits for the lock and holds it while `work` runs. */
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Holds the lock while `work` runs. When another holder has it, returns null at once without running `work`. */
  holdIfFree<T>(name: string, work: () => Promise<T>): Promise<T | null>;
  /** Keeps holders of the lock away until it is let go; null when one has it. @returns what lets it go */
  takeShared(name: string): Promise<(() => void) | null>;
  /** Resolves when nobody holds the lock. */
  untilFree(name: string): Promise<void>;
  /** The names of all locks that are held, in any tab. */
  heldLocks(): Promise<ReadonlySet<string>>;
  /** Sends to the other tabs. */
  send(message: TabMessage): void;
  /** Calls back for what other tabs send. */
  listen(onMessage: (message: TabMessage) => void): void;
}

/** The tabs of this browser. */
export function openTabs(): Tabs {
  const channel = new BroadcastChannel(QUEUE_LOCK);
  return {
    hold,
    holdIfFree,
    takeShared,
    untilFree,
    heldLocks,
    send: (message) => channel.postMessage(message),
    listen: (onMessage) => channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => onMessage(data)),
  };
}
