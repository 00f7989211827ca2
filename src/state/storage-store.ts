/**
 * @file What is stored: how much of what the browser grants, by what, whether it may be removed by the browser, and the
 * removal of runs or parts of them.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Reply } from '../domain/failure';
import type { RunPart, StoredSizes } from '../domain/stored-sizes';
import type { BrowserStorage, DiskUse } from './browser-storage';
import type { RunsState } from './runs-store';
import type { StudioClient } from './worker-clients';

/** `notAsked`: the browser may remove what is stored when the disk runs short. `refused`: so it may, and said so. */
export type Persistence = 'persistent' | 'notAsked' | 'refused';

export interface StorageState {
  /** The panel is open. */
  isOpen: boolean;
  /** Null until it is known, and where the browser does not say. */
  disk: DiskUse | null;
  /** Null until it is known. */
  persistence: Persistence | null;
  /** Null until it has been measured. */
  sizes: StoredSizes | null;
  /** Why the last request did not work. */
  failure: string | null;
  /** A checkpoint could not be stored for want of space; browsers may grant in words more than the disk has. */
  isFull: boolean;
  /** The warning of a full or nearly full disk was seen. */
  isWarningDismissed: boolean;

  open(): Promise<void>;
  close(): void;
  /** Something could not be stored for want of space. */
  reportFull(): Promise<void>;
  /** Reads all of it again; without the panel open, and with room left, only how much is used. */
  refresh(): Promise<void>;
  /** Asks the browser to keep what is stored, once a visit and only where it does not yet. */
  askPersistence(): Promise<void>;
  deleteRun(runId: string): Promise<void>;
  deleteRunPart(runId: string, part: RunPart): Promise<void>;
  dismissWarning(): void;
}

interface StorageDependencies {
  api: Pick<StudioClient, 'measureStorage' | 'deleteRun' | 'deleteRunPart'>;
  browser: BrowserStorage;
  runs: StoreApi<RunsState>;
}

/** Below this share of what the browser grants, checkpoints may soon not be stored. */
const FREE_SHARE = 0.1;

/** Whether less than a tenth of what the browser grants is left. */
export function isNearlyFull(disk: DiskUse | null): disk is DiskUse {
  return disk !== null && disk.quotaBytes - disk.usedBytes < FREE_SHARE * disk.quotaBytes;
}

export function createStorageStore({ api, browser, runs }: StorageDependencies): StoreApi<StorageState> {
  return createStore<StorageState>((set, get) => {
    let asked = false;
    /** The newest reading; what an older one finds is out of date. */
    let readings = 0;

    async function afterwards(outcome: Reply<unknown>, change: () => void) {
      set({ failure: outcome.ok ? null : outcome.failure.sentence });
      if (outcome.ok) {
        set({ isFull: false });
        change();
      }
      await get().refresh();
    }

    return {
      isOpen: false,
      disk: null,
      persistence: null,
      sizes: null,
      failure: null,
      isFull: false,
      isWarningDismissed: false,

      async open() {
        set({ isOpen: true, failure: null });
        await get().refresh();
      },

      async reportFull() {
        set({ isFull: true, isWarningDismissed: false });
        await get().refresh();
      },

      close: () => set({ isOpen: false }),

      async refresh() {
        readings += 1;
        const reading = readings;
        const [disk, isPersistent] = await Promise.all([browser.estimate(), browser.isPersistent()]);
        if (reading !== readings) return;
        const persistence = isPersistent ? 'persistent' : get().persistence === 'refused' ? 'refused' : 'notAsked';
        set({ disk, persistence });
        if (!get().isOpen && !get().isFull && !isNearlyFull(disk)) return;
        const outcome = await api.measureStorage();
        if (reading !== readings) return;
        if (outcome.ok) set({ sizes: outcome.value });
        else set({ failure: outcome.failure.sentence });
      },

      async askPersistence() {
        if (asked) return;
        asked = true;
        if (await browser.isPersistent()) return set({ persistence: 'persistent' });
        set({ persistence: (await browser.requestPersistence()) ? 'persistent' : 'refused' });
      },

      async deleteRun(runId) {
        await afterwards(await api.deleteRun(runId), () => runs.getState().forget(runId));
      },

      async deleteRunPart(runId, part) {
        const outcome = await api.deleteRunPart(runId, part);
        await afterwards(outcome, () => {
          if (outcome.ok && part === 'weights') runs.getState().put(outcome.value);
        });
      },

      dismissWarning: () => set({ isWarningDismissed: true }),
    };
  });
}
