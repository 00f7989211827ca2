/** @file When the page asks about its storage by itself: as a training begins, and as runs change. */

import type { StoreApi } from 'zustand/vanilla';
import type { RunsState } from './runs-store';
import type { StorageState } from './storage-store';
import type { TrainingState } from './training-store';

/**
 * The browser is asked to keep what is stored when the first training begins: then there is something to keep. How much is
 * stored changes with the epochs.
 */
export function keepStorageCurrent(
  storage: StoreApi<Pick<StorageState, 'askPersistence' | 'refresh' | 'reportFull'>>,
  runs: StoreApi<Pick<RunsState, 'records'>>,
  training: StoreApi<Pick<TrainingState, 'active' | 'live'>>,
): void {
  training.subscribe(({ active, live }, before) => {
    if (active && !before.active) void storage.getState().askPersistence();
    const notStored = live?.checkpointNotStored ?? null;
    if (notStored && notStored !== before.live?.checkpointNotStored) void storage.getState().reportFull();
  });
  runs.subscribe(({ records }, before) => {
    if (records !== before.records) void storage.getState().refresh();
  });
}
