/** @file The pretrained files: which are here, and taking in one that the person brings. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { NetworkId } from '../domain/network';
import type { WeightsStatus } from '../domain/protocol';
import type { StudioClient } from './worker-clients';

export interface WeightsState {
  /** Null until the worker has answered. */
  statuses: WeightsStatus[] | null;
  /** Name of the file being checked. */
  importing: string | null;
  /** What came of the last files: sentences, in their order. */
  outcomes: { ok: boolean; sentence: string }[];
  load(): Promise<void>;
  /** Takes in files one after another; one that does not fit leaves a sentence and the next is tried. */
  importFiles(files: File[]): Promise<void>;
}

export function createWeightsStore(api: Pick<StudioClient, 'listWeights' | 'importWeights'>): StoreApi<WeightsState> {
  return createStore<WeightsState>((set, get) => ({
    statuses: null,
    importing: null,
    outcomes: [],

    async load() {
      const outcome = await api.listWeights();
      if (outcome.ok) set({ statuses: outcome.value });
    },

    async importFiles(files) {
      if (files.length === 0 || get().importing !== null) return;
      set({ outcomes: [] });
      for (const file of files) {
        set({ importing: file.name });
        const outcome = await api.importWeights(file);
        const line = outcome.ok
          ? { ok: true, sentence: `${file.name} fits and is kept in this browser.` }
          : { ok: false, sentence: outcome.failure.sentence };
        set({ outcomes: [...get().outcomes, line] });
      }
      set({ importing: null });
      await get().load();
    },
  }));
}

/** The file a network still needs, or null when it can start. */
export function missingWeights(statuses: WeightsStatus[] | null, network: NetworkId): WeightsStatus | null {
  return statuses?.find((status) => status.network === network && !status.present) ?? null;
}
