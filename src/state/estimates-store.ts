/**
 * @file Memory and time that each network needs by its recipe as it stands, kept current while a screen shows them.
 *
 * The arithmetic is done here, a moment after the last change and one network a task, so that typing never waits for it.
 * The studio worker is asked only for what it has measured.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { countImages, type DatasetSummary } from '../domain/dataset';
import { type DeviceCapacity, deviceName } from '../domain/device';
import { NETWORK_IDS, NETWORKS, type NetworkId } from '../domain/network';
import { checkNumber, type Recipe } from '../domain/recipe';
import type { DatasetState } from './dataset-store';
import type { DeviceState } from './device-store';
import { type DraftState, draftRecipe } from './draft-store';
import { type EstimateBasis, estimateRun, type RunEstimate } from './estimate-run';
import { measuredRates } from './measured-rates';
import type { RunsState } from './runs-store';
import type { TrainingState } from './training-store';
import type { StudioClient } from './worker-clients';

/** The notebook's classes, until a dataset says otherwise. */
const NOTEBOOK_CLASS_COUNT = 3;
/** After the last key. */
const TYPING_PAUSE_MS = 300;

export interface EstimatesState {
  /** For the networks whose fields hold usable numbers. Earlier estimates stay until new ones are known. */
  estimates: Partial<Record<NetworkId, RunEstimate>>;
  /**
   * Keeps the estimates current with the recipes, the dataset and what has been measured.
   * @returns a function that ends it
   */
  follow(): () => void;
}

export interface EstimatesDependencies {
  api: Pick<StudioClient, 'describeCapacity' | 'measureProduct'>;
  device: StoreApi<DeviceState>;
  draft: StoreApi<DraftState>;
  dataset: StoreApi<DatasetState>;
  runs: StoreApi<RunsState>;
  training: StoreApi<TrainingState>;
}

export function createEstimatesStore({
  api,
  device,
  draft,
  dataset,
  runs,
  training,
}: EstimatesDependencies): StoreApi<EstimatesState> {
  return createStore<EstimatesState>((set) => {
    /** Null until the worker has replied. */
    let capacity: DeviceCapacity | null = null;
    let productGflops: number | null = null;
    /** Number of the latest computation; an earlier one ends when it notices. */
    let latest = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let following = false;

    async function compute() {
      if (!following) return;
      latest += 1;
      const ticket = latest;
      const { status } = device.getState();
      if (!status || !capacity) return;
      const { summary } = dataset.getState();
      const counts = countsOf(summary);
      const rates = measuredRates(runs.getState().records);
      const basis: EstimateBasis = {
        classCount: classCountOf(summary),
        counts,
        gpu: deviceName(status),
        capacity,
        rates,
        productGflops,
      };
      const estimates: EstimatesState['estimates'] = {};
      for (const recipe of usableRecipes(draft.getState())) {
        await nextTask();
        if (ticket !== latest) return;
        estimates[recipe.network] = await estimateRun(recipe, basis, nextTask);
        if (ticket !== latest) return;
      }
      set({ estimates });
      const lacksRate = counts !== null && Object.values(estimates).some(({ time }) => time === null);
      if (lacksRate && basis.productGflops === null) await measure();
    }

    function computeSoon() {
      clearTimeout(timer);
      timer = setTimeout(() => void compute(), TYPING_PAUSE_MS);
    }

    /** Asked for only where no run has been measured; the worker measures once. */
    async function measure() {
      const outcome = await api.measureProduct();
      if (!outcome.ok || outcome.value === null) return;
      productGflops = outcome.value;
      await compute();
    }

    async function readCapacity() {
      const outcome = await api.describeCapacity();
      if (!outcome.ok) return;
      capacity = outcome.value;
      await compute();
    }

    return {
      estimates: {},
      follow() {
        following = true;
        void readCapacity();
        const subscriptions = [
          draft.subscribe(computeSoon),
          device.subscribe(({ status }, before) => {
            if (status === before.status) return;
            // What was measured is of another device.
            productGflops = null;
            capacity = null;
            void readCapacity();
          }),
          dataset.subscribe(({ summary }, before) => {
            if (summary !== before.summary) computeSoon();
          }),
          // What has trained has been measured.
          runs.subscribe(({ records }, before) => {
            if (records !== before.records) computeSoon();
          }),
          training.subscribe(({ active }, before) => {
            if (before.active && !active) void readCapacity();
          }),
        ];
        return () => {
          following = false;
          latest += 1;
          clearTimeout(timer);
          for (const unsubscribe of subscriptions) unsubscribe();
        };
      },
    };
  });
}

/** The number of classes of the open dataset; the notebook's without one. */
export function classCountOf(summary: DatasetSummary | null): number {
  return summary?.classNames.length ?? NOTEBOOK_CLASS_COUNT;
}

function countsOf(summary: DatasetSummary | null): EstimateBasis['counts'] {
  return summary && { train: countImages(summary, 'train'), validation: countImages(summary, 'validation') };
}

/** The recipes whose fields hold numbers that can be estimated with. */
function usableRecipes(draft: DraftState): Recipe[] {
  return NETWORK_IDS.map((network) => draftRecipe(draft, network)).filter(isUsable);
}

function isUsable({ network, inputSize, batchSize, epochs }: Recipe): boolean {
  const errors = [
    checkNumber('inputSize', inputSize),
    checkNumber('batchSize', batchSize),
    checkNumber('epochs', epochs),
  ];
  return errors.every((error) => error === null) && inputSize >= NETWORKS[network].minInputSize;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
