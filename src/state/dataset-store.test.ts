import { describe, expect, it, vi } from 'vitest';
import type { DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import { createDatasetStore, type FolderMemory } from './dataset-store';
import { deferred, fakeCounts, fakeImages, fakeSummary, settleAll } from './fakes';
import type { DatasetClient } from './worker-clients';

const NOTHING_KEPT: FolderMemory = { remember: async () => undefined, recall: async () => null };
const SOURCE = { kind: 'files' as const, name: 'xray', files: [] };

const ok = <T>(value: T): Reply<T> => ({ ok: true, value });
const failed = (sentence: string): Reply<DatasetSummary> => ({
  ok: false,
  failure: { code: 'bad-input', sentence, cause: null },
});

/** A dataset worker that opens and checks the same small dataset, apart from `change`. */
function datasetStore(change: Partial<DatasetClient>, memory = NOTHING_KEPT) {
  const api = {
    openDataset: async () => ok(fakeSummary()),
    openSample: async () => failed('unused'),
    checkDataset: async () => ok(fakeSummary()),
    listImages: async () => ok(fakeImages(16)),
  };
  return createDatasetStore({ ...api, ...change }, memory);
}

describe('dataset store', () => {
  it('shows the summary at once and the checked one later', async () => {
    const checked = deferred<Reply<DatasetSummary>>();
    let images = fakeImages(16);
    const store = datasetStore({
      checkDataset: (_id, onProgress) => {
        const found = [{ path: 'A/0.png', reason: 'It is cut off.', severity: 'excluded' as const }];
        onProgress({ phase: 'checking', done: 1, total: 40, found });
        return checked.promise;
      },
      listImages: async () => ok(images),
    });
    await store.getState().openSource(SOURCE);
    expect(store.getState().summary?.classCounts).toEqual(fakeCounts(20, 20));
    expect(store.getState().samples).toEqual(images);
    expect(store.getState().selectedPath).toBe('A/0.png');
    expect(store.getState().found).toHaveLength(1);
    expect(store.getState().checking).toMatchObject({ done: 1, total: 40 });

    images = images.slice(1);
    checked.resolve(ok(fakeSummary({ classCounts: fakeCounts(19, 20) })));
    await store.getState().settleCheck();
    expect(store.getState().summary?.classCounts).toEqual(fakeCounts(19, 20));
    expect(store.getState().samples).toEqual(images);
    expect(store.getState().selectedPath).toBe('B/1.png');
    expect(store.getState()).toMatchObject({ checking: null, found: [] });
  });

  it('is not held up by progress that arrives after the answer', async () => {
    let reportLate = () => {};
    const store = datasetStore({
      openDataset: async (_source, onProgress) => {
        reportLate = () => onProgress({ phase: 'listing', done: 40, total: 40 });
        return ok(fakeSummary());
      },
    });
    await store.getState().openSource(SOURCE);
    reportLate();
    expect(store.getState().opening).toBeNull();
  });

  it('keeps the dataset that was open when another cannot be opened', async () => {
    const openDataset = vi
      .fn()
      .mockResolvedValueOnce(ok(fakeSummary()))
      .mockResolvedValueOnce(failed('The folder empty holds no image.'));
    const store = datasetStore({ openDataset });
    await store.getState().openSource(SOURCE);
    await store.getState().settleCheck();
    await store.getState().openSource({ ...SOURCE, name: 'empty' });
    expect(store.getState().summary?.name).toBe('xray');
    expect(store.getState().failure).toBe('The folder empty holds no image.');
    expect(store.getState().opening).toBeNull();
  });

  it('drops the check of a dataset that another has replaced', async () => {
    const first = deferred<Reply<DatasetSummary>>();
    const store = datasetStore({
      openDataset: async ({ name }) => ok(fakeSummary({ id: name, name })),
      checkDataset: (id) => (id === 'a' ? first.promise : Promise.resolve(ok(fakeSummary({ id, name: id })))),
    });
    await store.getState().openSource({ ...SOURCE, name: 'a' });
    await store.getState().openSource({ ...SOURCE, name: 'b' });
    first.resolve(ok(fakeSummary({ id: 'a', name: 'a' })));
    await settleAll();
    expect(store.getState().summary?.name).toBe('b');
  });

  it.each([
    ['says no', async () => 'denied' as const],
    ['will not ask', () => Promise.reject(new DOMException('No gesture', 'SecurityError'))],
  ])('offers the last folder still when the browser %s', async (_case, requestPermission) => {
    const handle = { name: 'xray', requestPermission } as unknown as FileSystemDirectoryHandle;
    const openDataset = vi.fn(async () => ok(fakeSummary()));
    const store = datasetStore(
      { openDataset },
      { remember: async () => undefined, recall: async () => ({ name: 'xray', handles: [handle] }) },
    );
    await store.getState().recallFolder();
    await store.getState().reopenRemembered();
    expect(openDataset).not.toHaveBeenCalled();
    expect(store.getState().failure).toBe('The browser did not allow reading xray. Drop the folder again.');
    expect(store.getState().remembered?.name).toBe('xray');
  });

  it('refuses a second folder while one is being read', async () => {
    const opened = deferred<Reply<DatasetSummary>>();
    const openDataset = vi.fn(() => opened.promise);
    const store = datasetStore({ openDataset });
    const first = store.getState().openSource(SOURCE);
    await store.getState().openSource(SOURCE);
    expect(openDataset).toHaveBeenCalledTimes(1);
    expect(store.getState().failure).toMatch(/being read/);
    opened.resolve(ok(fakeSummary()));
    await first;
    expect(store.getState().summary?.name).toBe('xray');
  });
});
