import { describe, expect, it, vi } from 'vitest';
import type { Reply } from '../domain/failure';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import type { StoredSizes } from '../domain/stored-sizes';
import type { DiskUse } from './browser-storage';
import { deferred, fakeRecord } from './fakes';
import { createRunsStore } from './runs-store';
import { createStorageStore, isNearlyFull } from './storage-store';

const GB = 2 ** 30;
const SIZES: StoredSizes = {
  runs: [{ runId: 'a', weightsBytes: 3, optimizerBytes: 6 }],
  pretrained: [],
  sampleBytes: 0,
  exportBytes: 0,
};
const ended = fakeRecord('a', notebookRecipe('baseline'), { status: 'stopped' });
const refusal = { ok: false as const, failure: { code: 'busy' as const, sentence: 'It is going on.', cause: null } };

function setUp(disk: DiskUse | null = { usedBytes: GB, quotaBytes: 10 * GB }) {
  const api = {
    measureStorage: vi.fn(async (): Promise<Reply<StoredSizes>> => ({ ok: true, value: SIZES })),
    deleteRun: vi.fn(async (): Promise<Reply<null>> => ({ ok: true, value: null })),
    deleteRunPart: vi.fn(
      async (): Promise<Reply<RunRecord>> => ({ ok: true, value: { ...ended, weightsDeleted: true } }),
    ),
  };
  const browser = {
    estimate: vi.fn(async () => disk),
    isPersistent: vi.fn(async () => false),
    requestPersistence: vi.fn(async () => false),
  };
  const runs = createRunsStore(api, {
    findGoing: async () => new Set(),
    untilEnded: () => deferred<void>().promise,
    list: async () => ({ records: [], unreadable: [] }),
  });
  runs.getState().put(ended);
  return { api, browser, runs, store: createStorageStore({ api, browser, runs }) };
}

describe('the storage store', () => {
  it('measures what is stored only while the panel is open, or when the disk is nearly full', async () => {
    const { api, store } = setUp();
    await store.getState().refresh();
    expect(store.getState()).toMatchObject({ disk: { usedBytes: GB }, persistence: 'notAsked', sizes: null });
    expect(api.measureStorage).not.toHaveBeenCalled();
    await store.getState().open();
    expect(store.getState()).toMatchObject({ isOpen: true, sizes: SIZES });

    const full = setUp({ usedBytes: 9.5 * GB, quotaBytes: 10 * GB });
    await full.store.getState().refresh();
    expect(full.store.getState().sizes).toEqual(SIZES);
  });

  it('is full from a refused checkpoint until something is deleted, whatever the browser grants in words', async () => {
    const { store } = setUp();
    store.getState().dismissWarning();
    await store.getState().reportFull();
    expect(store.getState()).toMatchObject({ isFull: true, isWarningDismissed: false, sizes: SIZES });
    await store.getState().deleteRunPart('a', 'weights');
    expect(store.getState().isFull).toBe(false);
  });

  it('calls a disk nearly full when less than a tenth is left', () => {
    expect(isNearlyFull({ usedBytes: 89, quotaBytes: 100 })).toBe(false);
    expect(isNearlyFull({ usedBytes: 91, quotaBytes: 100 })).toBe(true);
    expect(isNearlyFull(null)).toBe(false);
  });

  it('asks the browser once a visit, and not where it keeps things already', async () => {
    const { browser, store } = setUp();
    await store.getState().askPersistence();
    await store.getState().askPersistence();
    expect(browser.requestPersistence).toHaveBeenCalledTimes(1);
    await store.getState().refresh();
    expect(store.getState().persistence).toBe('refused');

    const kept = setUp();
    kept.browser.isPersistent.mockResolvedValue(true);
    await kept.store.getState().askPersistence();
    expect(kept.browser.requestPersistence).not.toHaveBeenCalled();
    expect(kept.store.getState().persistence).toBe('persistent');
  });

  it('deletes weights and keeps the record, deletes a run, and says what was refused', async () => {
    const { api, runs, store } = setUp();
    await store.getState().deleteRunPart('a', 'weights');
    expect(api.deleteRunPart).toHaveBeenCalledWith('a', 'weights');
    expect(runs.getState().records).toMatchObject([{ id: 'a', weightsDeleted: true }]);
    api.deleteRun.mockResolvedValueOnce(refusal);
    await store.getState().deleteRun('a');
    expect(store.getState().failure).toBe('It is going on.');
    expect(runs.getState().records).toHaveLength(1);
    await store.getState().deleteRun('a');
    expect(store.getState().failure).toBeNull();
    expect(runs.getState().records).toEqual([]);
  });
});
