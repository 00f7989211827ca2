/** @file The page's state as one object: every store, wired to the workers and to storage. */

import type { StoreApi } from 'zustand/vanilla';
import { type BackupState, createBackupStore } from './backup-store';
import { browserStorage } from './browser-storage';
import { createDatasetStore, type DatasetState, type FolderMemory } from './dataset-store';
import { rememberDevice } from './device-memory';
import { createDeviceStore, type DeviceState } from './device-store';
import { createDraftStore, type DraftState } from './draft-store';
import { createEstimatesStore, type EstimatesState } from './estimates-store';
import { createExplainStore, type ExplainState } from './explain-store';
import { keepStorageCurrent } from './keep-storage-current';
import { createModelsStore, type ModelsState } from './models-store';
import { createOfflineStore, type OfflineDependencies, type OfflineState } from './offline-store';
import { createPreviewStore, type PreviewState } from './preview-store';
import { createRunsStore, type RunSource, type RunsState } from './runs-store';
import { saveFile } from './save-file';
import { createSentBytesStore, type SentBytesState } from './sent-bytes-store';
import { createStorageStore, type StorageState } from './storage-store';
import { createTrainingStore, type TrainingState } from './training-store';
import { createUpkeepStore, type RawRunSource, type UpkeepState } from './upkeep-store';
import { createWeightsStore, type WeightsState } from './weights-store';
import type { WorkerClients } from './worker-clients';

export interface Studio {
  device: StoreApi<DeviceState>;
  dataset: StoreApi<DatasetState>;
  preview: StoreApi<PreviewState>;
  draft: StoreApi<DraftState>;
  weights: StoreApi<WeightsState>;
  runs: StoreApi<RunsState>;
  upkeep: StoreApi<UpkeepState>;
  storage: StoreApi<StorageState>;
  backup: StoreApi<BackupState>;
  models: StoreApi<ModelsState>;
  training: StoreApi<TrainingState>;
  estimates: StoreApi<EstimatesState>;
  explain: StoreApi<ExplainState>;
  offline: StoreApi<OfflineState>;
  sentBytes: StoreApi<SentBytesState>;
  /** Reads one image of the open dataset for a thumbnail. They are many and short-lived, so the components keep them. */
  readImage: WorkerClients['dataset']['readImage'];
}

export interface StudioStorage {
  folder: FolderMemory;
  runs: RunSource & RawRunSource;
}

/** Makes every store and connects those that depend on each other. */
export function createStudio(clients: WorkerClients, storage: StudioStorage, browser: OfflineDependencies): Studio {
  const device = createDeviceStore(clients.studio, rememberDevice);
  const dataset = createDatasetStore(clients.dataset, storage.folder);
  const draft = createDraftStore();
  const weights = createWeightsStore(clients.studio, () => {
    // A run that goes on from another one reads no file.
    const items = training.getState().queue.items.filter(({ ancestor }) => !ancestor);
    return items.map(({ recipe }) => recipe);
  });
  const runs = createRunsStore(clients.studio, storage.runs);
  const newRunId = () => crypto.randomUUID();
  const training: StoreApi<TrainingState> = createTrainingStore({
    api: clients.studio,
    draft,
    dataset,
    weights,
    runs,
    newRunId,
  });
  const stored = createStorageStore({ api: clients.studio, browser: browserStorage, runs });
  keepStorageCurrent(stored, runs, training);
  return {
    device,
    dataset,
    preview: createPreviewStore(clients.studio),
    draft,
    weights,
    runs,
    upkeep: createUpkeepStore({ api: clients.studio, source: storage.runs, saveFile }),
    storage: stored,
    backup: createBackupStore({
      api: clients.studio,
      saveFile,
      reload: async () => {
        await Promise.all([runs.getState().refresh(), weights.getState().load()]);
        await stored.getState().refresh();
      },
    }),
    models: createModelsStore({ api: clients.studio, dataset, runs, newRunId, saveFile }),
    training,
    estimates: createEstimatesStore({ api: clients.studio, device, draft, dataset, runs, training }),
    explain: createExplainStore(clients.studio, clients.dataset),
    offline: createOfflineStore(browser),
    sentBytes: createSentBytesStore(),
    readImage: clients.dataset.readImage,
  };
}

/** Everything the page asks for by itself when it opens. */
export function loadStudio({ device, dataset, weights, runs, upkeep, training, offline }: Studio): void {
  void device.getState().load();
  void weights.getState().load();
  void runs.getState().refresh();
  void upkeep.getState().sweep();
  void training.getState().watch();
  void dataset.getState().recallFolder();
  void offline.getState().load();
}

/** Loads again what a new studio worker does not know. */
export function reloadStudioWorker({ device, weights, training }: Studio): void {
  void device.getState().load();
  void weights.getState().load();
  void training.getState().workerRestarted();
}
