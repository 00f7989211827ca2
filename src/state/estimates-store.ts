/**
 * @file What the recipes as they stand would need: GPU memory and time of each network, kept up while a screen shows them.
 *
 * The arithmetic is the studio worker's; asked for a moment after the last change, so that typing never waits for it.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { countImages, type DatasetSummary } from '../domain/dataset';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import type { EstimateRequest, RunEstimate } from '../domain/protocol';
import { checkNumber, type Recipe } from '../domain/recipe';
import type { DatasetState } from './dataset-store';
import { type DraftState, draftRecipe } from './draft-store';
import type { TrainingState } from './training-store';
import type { StudioClient } from './worker-clients';

/** The notebook's classes, until a dataset says otherwise. */
export const NOTEBOOK_CLASS_COUNT = 3;
/** After the last key. */
const TYPING_PAUSE_MS = 300;

export interface EstimatesState {
  /** Of the networks whose fields hold usable numbers; of the fields as they were until new ones are known. */
  estimates: Partial<Record<NetworkId, RunEstimate>>;
  /**
   * Keeps the estimates up with the recipes, the dataset and what has been measured, until the function that it answers
   * with is called.
   */
  follow(): () => void;
}

export interface EstimatesDependencies {
  api: Pick<StudioClient, 'estimateRuns'>;
  draft: StoreApi<DraftState>;
  dataset: StoreApi<DatasetState>;
  training: StoreApi<TrainingState>;
}

export function createEstimatesStore({
  api,
  draft,
  dataset,
  training,
}: EstimatesDependencies): StoreApi<EstimatesState> {
  return createStore<EstimatesState>((set) => {
    let latest = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;

    async function ask() {
      latest += 1;
      const ticket = latest;
      const outcome = await api.estimateRuns(estimateRequest(draft.getState(), dataset.getState().summary));
      if (ticket !== latest) return;
      const estimates: EstimatesState['estimates'] = {};
      if (outcome.ok) for (const estimate of outcome.value) estimates[estimate.network] = estimate;
      set({ estimates });
    }

    function askSoon() {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), TYPING_PAUSE_MS);
    }

    return {
      estimates: {},
      follow() {
        void ask();
        const subscriptions = [
          draft.subscribe(askSoon),
          dataset.subscribe(({ summary }, before) => {
            if (summary !== before.summary) askSoon();
          }),
          // What has trained has been measured.
          training.subscribe(({ active }, before) => {
            if (before.active && !active) askSoon();
          }),
        ];
        return () => {
          clearTimeout(timer);
          for (const unsubscribe of subscriptions) unsubscribe();
        };
      },
    };
  });
}

/** What of the draft and the dataset an estimate depends on. */
export function estimateRequest(draft: DraftState, summary: DatasetSummary | null): EstimateRequest {
  return {
    recipes: NETWORK_IDS.map((network) => draftRecipe(draft, network)).filter(isUsable),
    classCount: summary?.classNames.length ?? NOTEBOOK_CLASS_COUNT,
    counts: summary && { train: countImages(summary, 'train'), validation: countImages(summary, 'validation') },
  };
}

function isUsable({ network, inputSize, batchSize, epochs }: Recipe): boolean {
  const errors = [
    checkNumber('inputSize', inputSize),
    checkNumber('batchSize', batchSize),
    checkNumber('epochs', epochs),
  ];
  return errors.every((error) => error === null) && inputSize >= NETWORKS[network].minInputSize;
}
