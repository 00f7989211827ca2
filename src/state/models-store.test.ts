import { describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Reply } from '../domain/failure';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import type { DatasetState } from './dataset-store';
import { deferred, fakeRecord, fakeSummary } from './fakes';
import { createModelsStore } from './models-store';
import { createRunsStore } from './runs-store';

const RECORD = fakeRecord('run-1', notebookRecipe('vgg16'), { status: 'finished' });
const refusal: Reply<never> = { ok: false, failure: { code: 'bad-weights', sentence: 'No.', cause: null } };

function models({ summary = fakeSummary() as DatasetState['summary'] } = {}) {
  const exported = deferred<Reply<File>>();
  const importModel = vi.fn(async (): Promise<Reply<RunRecord>> => ({ ok: true, value: { ...RECORD, id: 'taken' } }));
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
  const store = createModelsStore({
    api: {
      exportRun: (_runId, _weights, _format, onProgress) => {
        onProgress({ doneBytes: 1, totalBytes: 2 });
        return exported.promise;
      },
      importModel,
    },
    dataset,
    runs,
    newRunId: () => 'new',
    saveFile,
  });
  return { store, runs, exported, importModel, saveFile };
}

describe('exporting a run', () => {
  it('shows how far it is and hands the file over', async () => {
    const { store, exported, saveFile } = models();
    const going = store.getState().exportRun(RECORD, 'last', 'keras-h5');
    expect(store.getState().exporting).toEqual({ runId: 'run-1', progress: { doneBytes: 1, totalBytes: 2 } });
    const file = new File([], 'vgg16-last.h5');
    exported.resolve({ ok: true, value: file });
    await going;
    expect(saveFile).toHaveBeenCalledWith(file);
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

describe('taking in a Keras model', () => {
  it('becomes a run', async () => {
    const { store, runs } = models();
    await store.getState().importFiles([new File([], 'trained.keras')]);
    expect(runs.getState().records.map(({ id }) => id)).toEqual(['taken']);
    expect(store.getState().notice).toContain('trained.keras');
  });

  it('asks for the dataset first', async () => {
    const { store, importModel } = models({ summary: null });
    await store.getState().importFiles([new File([], 'trained.keras')]);
    expect(importModel).not.toHaveBeenCalled();
    expect(store.getState().failure).toMatch(/Open the dataset first/);
  });

  it('shows the sentence when it does not fit', async () => {
    const { store, runs, importModel } = models();
    importModel.mockResolvedValue(refusal);
    await store.getState().importFiles([new File([], 'other.h5')]);
    expect(store.getState()).toMatchObject({ failure: 'No.', importing: null, notice: null });
    expect(runs.getState().records).toEqual([]);
  });
});
