/** @file Models that leave and enter the studio: runs written as files, and Keras' models imported as runs. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DatasetSummary } from '../domain/dataset';
import { type InputScaling, RAW_SCALING, SYMMETRIC_SCALING, UNIT_SCALING } from '../domain/input-scaling';
import type { ModelReading } from '../domain/model-reading';
import type { ExportFormat, TransferProgress } from '../domain/protocol';
import type { RunRecord, WeightsKind } from '../domain/run';
import type { DatasetState } from './dataset-store';
import type { RunsState } from './runs-store';
import type { StudioClient } from './worker-clients';

/** What a model's first layer is assumed to get from pixels, where its file does not state it. */
export type PixelRange = 'unit' | 'symmetric' | 'raw';

export const PIXEL_SCALINGS: Record<PixelRange, InputScaling> = {
  unit: UNIT_SCALING,
  symmetric: SYMMETRIC_SCALING,
  raw: RAW_SCALING,
};

export interface ModelImport {
  /** The id of the run that it becomes. */
  runId: string;
  fileName: string;
  state:
    | 'inLine' // other files are read first
    | 'reading'
    | 'asking' // the file leaves the input size open
    | 'waiting' // read and stored; a training has the device
    | 'testing'
    | 'imported'
    | 'refused';
  /** Null until it was read. */
  reading: ModelReading | null;
  /** As chosen when the file was dropped; a scaling that the file states is used instead. */
  assumedScaling: InputScaling;
  /** The result, once it is imported or refused. */
  sentence: string | null;
}

export interface ModelsState {
  /** The run that is being written as a file, and the progress. */
  exporting: { runId: string; progress: TransferProgress | null } | null;
  /** In the order they were dropped; those that have ended stay until the next drop. */
  imports: ModelImport[];
  pixelRange: PixelRange;
  failure: string | null;
  exportRun(record: RunRecord, weights: WeightsKind, format: ExportFormat): Promise<void>;
  setPixelRange(range: PixelRange): void;
  /** Imports files one after another; one that is refused leaves its sentence and the next is tried. */
  importFiles(files: File[]): Promise<void>;
  /** Imports a file that left its input size open, at this size. */
  giveInputSize(runId: string, inputSize: number): Promise<void>;
  /** Removes a file from the screen that waits for its input size, or has ended. */
  dismissImport(runId: string): void;
  dismissFailure(): void;
}

export interface ModelsDependencies {
  api: Pick<StudioClient, 'exportRun' | 'readModel' | 'importModel'>;
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
  return createStore<ModelsState>((set, get) => {
    /** Of the imports on screen, by run. */
    const files = new Map<string, { file: File; dataset: DatasetSummary }>();
    /** Files are read one after another. */
    let line: Promise<unknown> = Promise.resolve();

    function mark(runId: string, change: Partial<ModelImport>) {
      set({ imports: get().imports.map((item) => (item.runId === runId ? { ...item, ...change } : item)) });
    }

    function remove(isOver: (item: ModelImport) => boolean) {
      const { imports } = get();
      for (const { runId } of imports.filter(isOver)) files.delete(runId);
      set({ imports: imports.filter((item) => !isOver(item)) });
    }

    async function read(runId: string): Promise<void> {
      const entry = files.get(runId);
      if (!entry) return;
      mark(runId, { state: 'reading' });
      const outcome = await api.readModel(entry.file);
      if (!outcome.ok) return mark(runId, { state: 'refused', sentence: outcome.failure.sentence });
      const reading = outcome.value;
      mark(runId, { reading });
      if (reading.inputSize.kind === 'asked') return mark(runId, { state: 'asking' });
      return importRead(runId, null);
    }

    /** Resolves when the model is tested or waits for a training, so that the next file is read meanwhile. */
    async function importRead(runId: string, inputSize: number | null): Promise<void> {
      const entry = files.get(runId);
      const item = get().imports.find((candidate) => candidate.runId === runId);
      if (!entry || !item) return;
      const { file } = entry;
      const { assumedScaling } = item;
      mark(runId, { state: 'reading' });
      await new Promise<void>((resolve) => {
        // Phases and reply come over ports of their own: a phase that arrives after the reply is out of date.
        let answered = false;
        const request = { runId, file, dataset: entry.dataset, inputSize, assumedScaling };
        const answer = api.importModel(request, (phase) => {
          if (answered) return;
          mark(runId, { state: phase });
          if (phase === 'waiting') resolve();
        });
        void answer.then((outcome) => {
          answered = true;
          if (outcome.ok) {
            runs.getState().put(outcome.value);
            const sentence = `${file.name} is now a run of its own: compared above, and asked on the Explain screen.`;
            mark(runId, { state: 'imported', sentence });
          } else mark(runId, { state: 'refused', sentence: outcome.failure.sentence });
          resolve();
        });
      });
    }

    function inLine(work: () => Promise<void>): Promise<unknown> {
      line = line.then(work);
      return line;
    }

    return {
      exporting: null,
      imports: [],
      pixelRange: 'unit',
      failure: null,

      async exportRun({ id: runId }, weights, format) {
        if (get().exporting) return;
        set({ exporting: { runId, progress: null }, failure: null });
        const outcome = await api.exportRun(runId, weights, format, (progress) => {
          if (get().exporting?.runId === runId) set({ exporting: { runId, progress } });
        });
        set({ exporting: null });
        if (outcome.ok) saveFile(outcome.value);
        else set({ failure: outcome.failure.sentence });
      },

      setPixelRange: (pixelRange) => set({ pixelRange }),

      async importFiles(dropped) {
        if (dropped.length === 0) return;
        const { summary } = dataset.getState();
        if (!summary) {
          set({ failure: 'Open the dataset first: its classes are the model’s outputs.' });
          return;
        }
        set({ failure: null });
        remove(hasEnded);
        const assumedScaling = PIXEL_SCALINGS[get().pixelRange];
        for (const file of dropped) {
          const runId = newRunId();
          const item: ModelImport = {
            runId,
            fileName: file.name,
            state: 'inLine',
            reading: null,
            assumedScaling,
            sentence: null,
          };
          files.set(runId, { file, dataset: summary });
          set({ imports: [...get().imports, item] });
          void inLine(() => read(runId));
        }
        await line;
      },

      async giveInputSize(runId, inputSize) {
        if (get().imports.find((item) => item.runId === runId)?.state !== 'asking') return;
        mark(runId, { state: 'inLine' });
        await inLine(() => importRead(runId, inputSize));
      },

      dismissImport: (runId) => remove((item) => item.runId === runId && (item.state === 'asking' || hasEnded(item))),
      dismissFailure: () => set({ failure: null }),
    };
  });
}

function hasEnded({ state }: ModelImport): boolean {
  return state === 'imported' || state === 'refused';
}
