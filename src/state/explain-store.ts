/**
 * @file The radiographs dropped on the explanation screen and what each trained network predicts of them.
 *
 * Explanations are requested one at a time. One that fails leaves its sentence and the others go on.
 */

import { createStore, type StoreApi } from 'zustand/vanilla';
import { NETWORK_IDS } from '../domain/network';
import type { Explanation, RgbaImage } from '../domain/protocol';
import { keptWeights, type RunRecord } from '../domain/run';
import type { DatasetClient, StudioClient } from './worker-clients';

const IMAGE_SIDE = 512;

export interface Radiograph {
  id: string;
  file: File;
  /** Null until decoded. */
  image: RgbaImage | null;
  /** Why it cannot be shown. */
  failure: string | null;
}

export interface ExplanationState {
  /** The last one; it stays on screen while another class is computed. */
  explanation: Explanation | null;
  working: boolean;
  failure: string | null;
}

export interface ExplainState {
  radiographs: Radiograph[];
  /** By {@link explanationKey}. */
  explanations: Record<string, ExplanationState>;
  /** Opacity of the heatmap over the plain image, 0..1. */
  opacity: number;

  addFiles(files: File[]): Promise<void>;
  removeRadiograph(id: string): void;
  /**
   * Explains with these runs from now on: every radiograph, also later ones, that they have not explained yet or that was
   * refused because a training ran.
   */
  explainWith(runs: RunRecord[]): Promise<void>;
  /** Explains again, for this class or, with null, for the class that the network predicts. */
  explain(radiographId: string, runId: string, classIndex: number | null): Promise<void>;
  setOpacity(opacity: number): void;
}

/** The key of an explanation in {@link ExplainState.explanations}. */
export function explanationKey(radiographId: string, runId: string): string {
  return `${radiographId}/${runId}`;
}

export function createExplainStore(
  studio: Pick<StudioClient, 'explain'>,
  dataset: Pick<DatasetClient, 'readFileImage'>,
): StoreApi<ExplainState> {
  let lastId = 0;
  let line: Promise<void> = Promise.resolve();
  let asked: RunRecord[] = [];
  /** Explanations refused because a training ran: the class that was requested, by key. */
  const putOff = new Map<string, number | null>();

  return createStore<ExplainState>((set, get) => {
    function putExplanation(key: string, change: Partial<ExplanationState>) {
      const before = get().explanations[key] ?? { explanation: null, working: false, failure: null };
      set({ explanations: { ...get().explanations, [key]: { ...before, ...change } } });
    }

    function putRadiograph(id: string, change: Partial<Radiograph>) {
      set({ radiographs: get().radiographs.map((item) => (item.id === id ? { ...item, ...change } : item)) });
    }

    /** Requests one explanation after the requests before it. */
    function explain(radiographId: string, runId: string, classIndex: number | null): Promise<void> {
      const key = explanationKey(radiographId, runId);
      putOff.delete(key);
      putExplanation(key, { working: true, failure: null });
      line = line.then(async () => {
        const radiograph = get().radiographs.find(({ id }) => id === radiographId);
        if (!radiograph) return;
        const outcome = await studio.explain({ runId, weights: 'last', file: radiograph.file, classIndex });
        if (outcome.ok) putExplanation(key, { explanation: outcome.value, working: false });
        else {
          if (outcome.failure.code === 'busy') putOff.set(key, classIndex);
          putExplanation(key, { working: false, failure: outcome.failure.sentence });
        }
      });
      return line;
    }

    async function explainMissing() {
      const requests: Promise<void>[] = [];
      for (const { id, image } of get().radiographs) {
        if (!image) continue;
        for (const run of asked) {
          const key = explanationKey(id, run.id);
          const missing = !get().explanations[key] || putOff.has(key);
          if (missing) requests.push(explain(id, run.id, putOff.get(key) ?? null));
        }
      }
      await Promise.all(requests);
    }

    return {
      radiographs: [],
      explanations: {},
      opacity: 0.8,

      async addFiles(files) {
        const added = files.map((file): Radiograph => {
          lastId += 1;
          return { id: `radiograph-${lastId}`, file, image: null, failure: null };
        });
        set({ radiographs: [...added, ...get().radiographs] });
        await Promise.all(
          added.map(async ({ id, file }) => {
            const outcome = await dataset.readFileImage(file, IMAGE_SIDE);
            putRadiograph(id, outcome.ok ? { image: outcome.value } : { failure: outcome.failure.sentence });
          }),
        );
        await explainMissing();
      },

      removeRadiograph(id) {
        const kept = Object.entries(get().explanations).filter(([key]) => !key.startsWith(`${id}/`));
        set({
          radiographs: get().radiographs.filter((item) => item.id !== id),
          explanations: Object.fromEntries(kept),
        });
      },

      async explainWith(runs) {
        asked = runs;
        await explainMissing();
      },

      explain,
      setOpacity: (opacity) => set({ opacity }),
    };
  });
}

/**
 * The runs that explain a radiograph: of each network the newest with weights, on the given dataset, or, where none is
 * open, on the dataset trained last.
 * @param records newest first.
 */
export function explainingRuns(records: RunRecord[], datasetId: string | null): RunRecord[] {
  const kept = records.filter((record) => record.status !== 'running' && keptWeights(record).includes('last'));
  // What a run that was cut off has kept explains where no other run does.
  const isEnded = ({ status }: RunRecord) => status === 'finished' || status === 'stopped';
  const usable = [...kept.filter(isEnded), ...kept.filter((record) => !isEnded(record))];
  const wanted = datasetId ?? usable[0]?.dataset.id;
  return NETWORK_IDS.map((network) =>
    usable.find(({ recipe, dataset }) => recipe.network === network && dataset.id === wanted),
  ).filter((run) => run !== undefined);
}
