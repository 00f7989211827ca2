/**
 * @file The upkeep of the studio: leftovers are removed at the start, unreadable records can be saved, and deaths of workers
 * are reported.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { toReadableJson } from '../base/readable-json';
import { toFailure } from '../domain/failure';
import type { SweptLeftovers } from '../domain/protocol';
import type { StudioClient } from './worker-clients';

/** Reads stored runs without parsing them. */
export interface RawRunSource {
  /** Null when there is no such run. */
  readRaw(id: string): Promise<unknown>;
}

export interface UpkeepState {
  /** What the sweep at the start removed; null when it was nothing, and once it has been seen. */
  swept: SweptLeftovers | null;
  failure: string | null;
  /** What happened to the workers, oldest first, until a person has seen it. */
  troubles: string[];

  /** Removes the leftovers of interrupted work. */
  sweep(): Promise<void>;
  dismissSwept(): void;
  reportTrouble(sentence: string): void;
  dismissTroubles(): void;
  /** Saves a run's record as a file, whether this version can read it or not. */
  saveRaw(runId: string): Promise<void>;
}

interface UpkeepDependencies {
  api: Pick<StudioClient, 'sweepLeftovers'>;
  source: RawRunSource;
  saveFile(file: File): void;
}

export function createUpkeepStore({ api, source, saveFile }: UpkeepDependencies): StoreApi<UpkeepState> {
  return createStore<UpkeepState>((set, get) => ({
    swept: null,
    failure: null,
    troubles: [],

    async sweep() {
      const outcome = await api.sweepLeftovers();
      // A failed sweep is tried again at the next start; where storage does not work at all, the list of runs says so.
      if (outcome.ok && outcome.value.count > 0) set({ swept: outcome.value });
    },

    dismissSwept: () => set({ swept: null }),

    reportTrouble(sentence) {
      set({ troubles: [...get().troubles.filter((other) => other !== sentence), sentence] });
    },
    dismissTroubles: () => set({ troubles: [] }),

    async saveRaw(runId) {
      try {
        const raw = await source.readRaw(runId);
        if (raw === null) set({ failure: 'This run is no longer stored.' });
        else {
          saveFile(new File([toReadableJson(raw)], `thorax-run-${runId}.json`, { type: 'application/json' }));
          set({ failure: null });
        }
      } catch (error) {
        set({ failure: toFailure(error).sentence });
      }
    },
  }));
}
