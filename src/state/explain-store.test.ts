import { describe, expect, it, vi } from 'vitest';
import type { Explanation } from '../domain/protocol';
import { notebookRecipe } from '../domain/recipe';
import { createExplainStore, explainingRuns, explanationKey } from './explain-store';
import { fakeLog, fakeRecord } from './fakes';

const image = { data: new Uint8ClampedArray(4), width: 1, height: 1 };
const usable = { status: 'finished' as const, epochs: [fakeLog(1)] };
const run = fakeRecord('run-1', notebookRecipe('baseline'), usable);

function explanation(classIndex: number): Explanation {
  return {
    runId: 'run-1',
    network: 'baseline',
    classNames: ['A', 'B'],
    probabilities: [0.4, 0.6],
    classIndex,
    layer: { name: 'conv2d', height: 1, width: 1 },
    layerNote: null,
    map: new Float32Array(1),
  };
}

describe('explain store', () => {
  it('explains every readable file and names the one that is not', async () => {
    const explain = vi.fn(async ({ classIndex }: { classIndex: number | null }) => ({
      ok: true as const,
      value: explanation(classIndex ?? 1),
    }));
    const store = createExplainStore(
      { explain },
      {
        readFileImage: async (file) =>
          file.name === 'bad.png'
            ? { ok: false, failure: { code: 'bad-input', sentence: 'bad.png is no image.', cause: null } }
            : { ok: true, value: image },
      },
    );
    await store.getState().explainWith([run]);
    await store.getState().addFiles([new File(['x'], 'bad.png'), new File(['x'], 'good.png')]);
    const [bad, good] = store.getState().radiographs;
    expect(bad.failure).toBe('bad.png is no image.');
    expect(explain).toHaveBeenCalledTimes(1);
    expect(store.getState().explanations[explanationKey(good.id, run.id)].explanation?.classIndex).toBe(1);

    await store.getState().explain(good.id, run.id, 0);
    expect(store.getState().explanations[explanationKey(good.id, run.id)].explanation?.classIndex).toBe(0);
    store.getState().removeRadiograph(good.id);
    expect(store.getState().explanations).toEqual({});
  });
});

describe('an explanation refused while a training runs', () => {
  it('is requested again, for the same class, after the training', async () => {
    let training = false;
    const explain = vi.fn(async ({ classIndex }: { classIndex: number | null }) =>
      training
        ? { ok: false as const, failure: { code: 'busy' as const, sentence: 'A training runs.', cause: null } }
        : { ok: true as const, value: explanation(classIndex ?? 1) },
    );
    const store = createExplainStore({ explain }, { readFileImage: async () => ({ ok: true, value: image }) });
    await store.getState().explainWith([run]);
    await store.getState().addFiles([new File(['x'], 'a.png')]);
    const key = explanationKey(store.getState().radiographs[0].id, run.id);

    training = true;
    await store.getState().explain(store.getState().radiographs[0].id, run.id, 0);
    expect(store.getState().explanations[key]).toMatchObject({ failure: 'A training runs.', working: false });
    await store.getState().explainWith([]);

    training = false;
    await store.getState().explainWith([run]);
    expect(store.getState().explanations[key]).toMatchObject({ failure: null, explanation: { classIndex: 0 } });
    await store.getState().explainWith([run]);
    expect(explain).toHaveBeenCalledTimes(3);
  });
});

describe('explainingRuns', () => {
  const of = (id: string, network: 'baseline' | 'vgg16', datasetId: string, change = {}) => {
    const record = fakeRecord(id, notebookRecipe(network), { ...usable, ...change });
    return { ...record, dataset: { ...record.dataset, id: datasetId } };
  };

  it('takes the newest run with weights of each network, on the open dataset', () => {
    const records = [
      of('f', 'baseline', 'd1', { status: 'failed' }),
      of('e', 'baseline', 'd1', { epochs: [] }),
      of('d', 'vgg16', 'd2'),
      of('c', 'vgg16', 'd1', { status: 'stopped' }),
      of('b', 'baseline', 'd1'),
      of('a', 'baseline', 'd1'),
    ];
    expect(explainingRuns(records, 'd1').map(({ id }) => id)).toEqual(['b', 'c']);
    expect(explainingRuns(records, null).map(({ id }) => id)).toEqual(['d']);
  });

  it('takes what a run that was cut off has kept where there is no other', () => {
    const records = [
      of('c', 'vgg16', 'd1', { status: 'running' }),
      of('b', 'vgg16', 'd1', { status: 'interrupted', epochs: [], lastKept: { epoch: 0, step: 30 } }),
      of('a', 'baseline', 'd1', { status: 'interrupted', epochs: [], lastKept: null }),
    ];
    expect(explainingRuns(records, 'd1').map(({ id }) => id)).toEqual(['b']);
    expect(explainingRuns([], null)).toEqual([]);
  });
});
