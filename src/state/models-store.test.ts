import { describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Reply } from '../domain/failure';
import { RAW_SCALING, UNIT_SCALING } from '../domain/input-scaling';
import type { ModelReading } from '../domain/model-reading';
import type { ImportModelRequest, ImportPhase } from '../domain/protocol';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import type { DatasetState } from './dataset-store';
import { deferred, fakeRecord, fakeSummary, settleAll } from './fakes';
import { createModelsStore } from './models-store';
import { createRunsStore } from './runs-store';

const RECORD = fakeRecord('run-1', notebookRecipe('vgg16'), { status: 'finished' });
const refusal: Reply<never> = { ok: false, failure: { code: 'bad-weights', sentence: 'No.', cause: null } };
const READING: ModelReading = {
  network: 'vgg16',
  classCount: 2,
  inputSize: { kind: 'stated', size: 64 },
  configuration: 'stated',
  inputScaling: { kind: 'assumed', scaling: UNIT_SCALING },
};
const OPEN: ModelReading = { ...READING, inputSize: { kind: 'asked', min: 64, max: 95 } };

function models({ summary = fakeSummary() as DatasetState['summary'] } = {}) {
  const exported = deferred<Reply<File>>();
  const readModel = vi.fn(async (_file: File): Promise<Reply<ModelReading>> => ({ ok: true, value: READING }));
  const importModel = vi.fn(
    async ({ runId }: ImportModelRequest, _onPhase: (phase: ImportPhase) => void): Promise<Reply<RunRecord>> => ({
      ok: true,
      value: { ...RECORD, id: runId },
    }),
  );
  const saveFile = vi.fn();
  const runs = createRunsStore(
    { deleteRun: async () => ({ ok: true, value: null }) },
    {
      findGoing: async () => new Set(),
      untilEnded: async () => undefined,
      list: async () => ({ records: [], unreadable: [] }),
    },
  );
  const dataset = createStore<DatasetState>(() => ({ summary }) as DatasetState);
  let count = 0;
  const store = createModelsStore({
    api: {
      exportRun: (_runId, _weights, _format, onProgress) => {
        onProgress({ doneBytes: 1, totalBytes: 2 });
        return exported.promise;
      },
      readModel,
      importModel,
    },
    dataset,
    runs,
    newRunId: () => `new-${++count}`,
    saveFile,
  });
  const states = () => store.getState().imports.map(({ state }) => state);
  return { store, runs, exported, readModel, importModel, saveFile, states };
}

const file = (name: string) => new File([], name);

describe('exporting a run', () => {
  it('shows its progress and saves the file', async () => {
    const { store, exported, saveFile } = models();
    const going = store.getState().exportRun(RECORD, 'last', 'keras-h5');
    expect(store.getState().exporting).toEqual({ runId: 'run-1', progress: { doneBytes: 1, totalBytes: 2 } });
    const written = file('vgg16-last.h5');
    exported.resolve({ ok: true, value: written });
    await going;
    expect(saveFile).toHaveBeenCalledWith(written);
    expect(store.getState().exporting).toBeNull();
  });

  it('shows the sentence when it fails', async () => {
    const { store, exported, saveFile } = models();
    const going = store.getState().exportRun(RECORD, 'best', 'tfjs');
    exported.resolve(refusal);
    await going;
    expect(store.getState().failure).toBe('No.');
    expect(saveFile).not.toHaveBeenCalled();
  });
});

describe('importing Keras models', () => {
  it('makes a run of a file that states everything', async () => {
    const { store, runs } = models();
    await store.getState().importFiles([file('trained.keras')]);
    expect(runs.getState().records.map(({ id }) => id)).toEqual(['new-1']);
    const [item] = store.getState().imports;
    expect(item).toMatchObject({ state: 'imported', reading: READING });
    expect(item.sentence).toContain('trained.keras');
  });

  it('asks for the dataset first', async () => {
    const { store, readModel } = models({ summary: null });
    await store.getState().importFiles([file('trained.keras')]);
    expect(readModel).not.toHaveBeenCalled();
    expect(store.getState().failure).toMatch(/Open the dataset first/);
  });

  it('goes on with the other files when one is refused, by reading or by importing it', async () => {
    const { store, runs, readModel, importModel, states } = models();
    readModel.mockResolvedValueOnce(refusal);
    importModel.mockResolvedValueOnce(refusal);
    await store.getState().importFiles([file('a.h5'), file('b.h5'), file('c.h5')]);
    expect(states()).toEqual(['refused', 'refused', 'imported']);
    expect(store.getState().imports[0].sentence).toBe('No.');
    expect(runs.getState().records).toHaveLength(1);
  });

  it('asks for the input size that a file leaves open, and imports others meanwhile', async () => {
    const { store, readModel, importModel, states } = models();
    readModel.mockResolvedValueOnce({ ok: true, value: OPEN });
    await store.getState().importFiles([file('bare.weights.h5'), file('whole.h5')]);
    expect(states()).toEqual(['asking', 'imported']);
    await store.getState().giveInputSize('new-1', 72);
    expect(importModel.mock.lastCall?.[0]).toMatchObject({ runId: 'new-1', inputSize: 72 });
    expect(states()).toEqual(['imported', 'imported']);
  });

  it('does not import a file whose question is dismissed', async () => {
    const { store, readModel, importModel, states } = models();
    readModel.mockResolvedValueOnce({ ok: true, value: OPEN });
    await store.getState().importFiles([file('bare.weights.h5')]);
    store.getState().dismissImport('new-1');
    await store.getState().giveInputSize('new-1', 72);
    expect(states()).toEqual([]);
    expect(importModel).not.toHaveBeenCalled();
  });

  it('reads the next file while one waits for a training to end', async () => {
    const { store, importModel, states } = models();
    const first = deferred<Reply<RunRecord>>();
    importModel.mockImplementationOnce((_request, onPhase) => {
      onPhase('reading');
      onPhase('waiting');
      return first.promise;
    });
    await store.getState().importFiles([file('a.h5'), file('b.h5')]);
    expect(states()).toEqual(['waiting', 'imported']);
    // One that has not ended stays.
    store.getState().dismissImport('new-1');
    await store.getState().importFiles([file('c.h5')]);
    expect(states()).toEqual(['waiting', 'imported']);
    first.resolve({ ok: true, value: RECORD });
    await settleAll();
    expect(states()).toEqual(['imported', 'imported']);
  });

  it('assumes what was chosen before the drop', async () => {
    const { store, importModel } = models();
    store.getState().setPixelRange('raw');
    const going = store.getState().importFiles([file('a.h5')]);
    store.getState().setPixelRange('unit');
    await going;
    expect(importModel.mock.lastCall?.[0].assumedScaling).toEqual(RAW_SCALING);
  });
});
