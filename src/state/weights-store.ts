/** @file The pretrained files: which are kept, downloading them, importing one from disk, and removing them. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { NETWORKS, type NetworkId } from '../domain/network';
import type { TransferProgress, WeightsStatus } from '../domain/protocol';
import { type Recipe, startsFromFile } from '../domain/recipe';
import type { StudioClient } from './worker-clients';

export interface WeightsState {
  /** Null until the worker has replied. */
  statuses: WeightsStatus[] | null;
  /** Why the kept files could not be listed. */
  loadFailure: string | null;
  /** Name of the file being checked. */
  importing: string | null;
  /** The results of the last files: sentences, in their order. */
  outcomes: { ok: boolean; sentence: string }[];
  /** Downloads that are going. */
  downloads: Partial<Record<NetworkId, TransferProgress>>;
  /** Why the last download of a network's file ended without it. */
  downloadFailures: Partial<Record<NetworkId, string>>;
  /** Why the last click on a network's Remove changed nothing. */
  removeFailures: Partial<Record<NetworkId, string>>;
  load(): Promise<void>;
  /** Fetches a network's official file; one that broke off goes on where it stopped. */
  download(network: NetworkId): Promise<void>;
  /** Imports files one after another; one that does not fit leaves a sentence and the next is tried. */
  importFiles(files: File[]): Promise<void>;
  /** Removes a network's kept file, unless a run that waits or is being prepared starts from it. */
  remove(network: NetworkId): Promise<void>;
  /** Removes the sentence of a refused Remove from the screen: its reason may be over. */
  dismissRemoveFailure(network: NetworkId): void;
}

/**
 * The store of the pretrained files.
 * @param waitingRecipes the recipes of the queued runs that have not begun
 */
export function createWeightsStore(
  api: Pick<StudioClient, 'listWeights' | 'importWeights' | 'downloadWeights' | 'removeWeights'>,
  waitingRecipes: () => Recipe[],
): StoreApi<WeightsState> {
  return createStore<WeightsState>((set, get) => ({
    statuses: null,
    loadFailure: null,
    importing: null,
    outcomes: [],
    downloads: {},
    downloadFailures: {},
    removeFailures: {},

    async load() {
      const outcome = await api.listWeights();
      if (outcome.ok) set({ statuses: outcome.value, loadFailure: null });
      else set({ loadFailure: outcome.failure.sentence });
    },

    async download(network) {
      if (get().downloads[network]) return;
      const track = (progress: TransferProgress | undefined, failure?: string) =>
        set(({ downloads, downloadFailures }) => ({
          downloads: { ...downloads, [network]: progress },
          downloadFailures: { ...downloadFailures, [network]: failure },
        }));
      track({ doneBytes: 0, totalBytes: 0 });
      const outcome = await api.downloadWeights(network, (progress) => {
        // Progress that arrives after the reply is out of date.
        if (get().downloads[network]) track(progress);
      });
      track(undefined, outcome.ok ? undefined : outcome.failure.sentence);
      if (outcome.ok) await get().load();
    },

    async importFiles(files) {
      if (files.length === 0 || get().importing !== null) return;
      set({ outcomes: [] });
      for (const file of files) {
        set({ importing: file.name });
        const outcome = await api.importWeights(file);
        const line = outcome.ok
          ? {
              ok: true,
              sentence: `${file.name} fits ${NETWORKS[outcome.value.network].name} and is kept in this browser.`,
            }
          : { ok: false, sentence: outcome.failure.sentence };
        set({ outcomes: [...get().outcomes, line] });
      }
      set({ importing: null });
      await get().load();
    },

    async remove(network) {
      const waits = waitingRecipes().some((recipe) => recipe.network === network && startsFromFile(recipe));
      const outcome = waits ? null : await api.removeWeights(network);
      const failure = outcome ? (outcome.ok ? undefined : outcome.failure.sentence) : waitingSentence(network);
      set({ removeFailures: { ...get().removeFailures, [network]: failure } });
      if (!outcome?.ok) return;
      // A sentence of an import may be about the removed file.
      set({ outcomes: [] });
      await get().load();
    },

    dismissRemoveFailure: (network) => set({ removeFailures: { ...get().removeFailures, [network]: undefined } }),
  }));
}

function waitingSentence(network: NetworkId): string {
  return `${NETWORKS[network].name} waits in the queue and starts from this file. Remove it once its first epoch has begun, or take it off the queue.`;
}

/** The file a network still needs, or null when it can start. */
export function missingWeights(statuses: WeightsStatus[] | null, network: NetworkId): WeightsStatus | null {
  return statuses?.find((status) => status.network === network && !status.present) ?? null;
}
