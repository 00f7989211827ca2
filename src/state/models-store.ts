/** @file Models that cross the studio's wall: runs written as files, and Keras' models taken in as runs. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ExportFormat, TransferProgress } from '../domain/protocol';
import type { RunRecord, WeightsKind } from '../domain/run';
import type { DatasetState } from './dataset-store';
import type { RunsState } from './runs-store';
import type { StudioClient } from './worker-clients';

export interface ModelsState {
  /** The run that is being written as a file, and how far. */
  exporting: { runId: string; progress: TransferProgress | null } | null;
  /** Name of the file being taken in. */
  importing: string | null;
  failure: string | null;
  /** What was taken in last, in a sentence. */
  notice: string | null;
  exportRun(record: RunRecord, weights: WeightsKind, format: ExportFormat): Promise<void>;
  importFiles(files: File[]): Promise<void>;
  dismiss(): void;
}

export interface ModelsDependencies {
  api: Pick<StudioClient, 'exportRun' | 'importModel'>;
  dataset: StoreApi<DatasetState>;
  runs: StoreApi<RunsState>;
  newRunId: () => string;
  /** Hands a file to the person. */
  saveFile: (file: File) => void;
}

export function createModelsStore({
  api,
  dataset,
  runs,
  newRunId,
  saveFile,
}: ModelsDependencies): StoreApi<ModelsState> {
  return createStore<ModelsState>((set, get) => ({
    exporting: null,
    importing: null,
    failure: null,
    notice: null,

    async exportRun({ id: runId }, weights, format) {
      if (get().exporting) return;
      set({ exporting: { runId, progress: null }, failure: null, notice: null });
      const outcome = await api.exportRun(runId, weights, format, (progress) => {
        if (get().exporting?.runId === runId) set({ exporting: { runId, progress } });
      });
      set({ exporting: null });
      if (outcome.ok) saveFile(outcome.value);
      else set({ failure: outcome.failure.sentence });
    },

    async importFiles(files) {
      if (files.length === 0 || get().importing) return;
      const { summary } = dataset.getState();
      if (!summary) {
        set({ failure: 'Open the dataset first: its classes are the model’s outputs.', notice: null });
        return;
      }
      set({ failure: null, notice: null });
      for (const file of files) {
        set({ importing: file.name });
        const outcome = await api.importModel({ runId: newRunId(), file, dataset: summary });
        if (outcome.ok) {
          runs.getState().put(outcome.value);
          set({ notice: `${file.name} is now a run of its own: compared above, and asked on the Explain screen.` });
        } else set({ failure: outcome.failure.sentence });
      }
      set({ importing: null });
    },

    dismiss: () => set({ failure: null, notice: null }),
  }));
}
