import { describe, expect, it, vi } from 'vitest';
import type { DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import { testRecord } from '../domain/run-test-kit';
import { createDatasetStore, type FolderMemory } from './dataset-store';
import { deferred, fakeCounts, fakeDatasetApi, fakeImages, fakeSummary, settleAll } from './fakes';
import type { DatasetClient } from './worker-clients';

const NOTHING_KEPT: FolderMemory = {
  remember: async () => undefined,
  recall: async () => null,
  recallOf: async () => null,
};
const SOURCE = { kind: 'files' as const, name: 'xray', files: [] };

const ok = <T>(value: T): Reply<T> => ({ ok: true, value });
const failed = (sentence: string): Reply<DatasetSummary> => ({
  ok: false,
  failure: { code: 'bad-input', sentence, cause: null },
});

function datasetStore(change: Partial<DatasetClient>, memory = NOTHING_KEPT) {
  return createDatasetStore(fakeDatasetApi(change), memory);
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

  it('ignores progress that arrives after the reply', async () => {
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
      { ...NOTHING_KEPT, recall: async () => ({ name: 'xray', handles: [handle] }) },
    );
    await store.getState().recallFolder();
    await store.getState().reopenRemembered();
    expect(openDataset).not.toHaveBeenCalled();
    expect(store.getState().failure).toBe('The browser did not allow reading xray. Drop the folder again.');
    expect(store.getState().remembered?.name).toBe('xray');
  });

  it('shows the folder that was opened last, whichever is read first', async () => {
    const first = deferred<Reply<DatasetSummary>>();
    const remember = vi.fn(async () => undefined);
    const store = datasetStore(
      {
        openDataset: ({ name }) =>
          name === 'a' ? first.promise : Promise.resolve(ok(fakeSummary({ id: name, name }))),
        checkDataset: async (id) => ok(fakeSummary({ id, name: id })),
      },
      { ...NOTHING_KEPT, remember },
    );
    const handles = [{ name: 'a' } as FileSystemDirectoryHandle];
    const opening = store.getState().openSource({ kind: 'directories', name: 'a', handles });
    await store.getState().openSource({ ...SOURCE, name: 'b' });
    first.resolve({ ok: false, failure: { code: 'cancelled', sentence: 'Another was opened.', cause: null } });
    await opening;
    expect(store.getState()).toMatchObject({ summary: { name: 'b' }, opening: null, failure: null });
    expect(remember).not.toHaveBeenCalled();
  });

  it('remembers a folder only once it is open', async () => {
    const remember = vi.fn(async () => undefined);
    const openDataset = vi
      .fn()
      .mockResolvedValueOnce(failed('There is no image.'))
      .mockResolvedValue(ok(fakeSummary()));
    const store = datasetStore({ openDataset }, { ...NOTHING_KEPT, remember });
    const handles = [{ name: 'a' } as FileSystemDirectoryHandle];
    await store.getState().openSource({ kind: 'directories', name: 'a', handles });
    expect(remember).not.toHaveBeenCalled();
    await store.getState().openSource({ kind: 'directories', name: 'a', handles });
    expect(remember).toHaveBeenCalledTimes(1);
  });

  it('leaves what was open when an opening is cancelled', async () => {
    const second = deferred<Reply<DatasetSummary>>();
    const cancelOpening = vi.fn(async () => {
      second.resolve({ ok: false, failure: { code: 'cancelled', sentence: 'Cancelled.', cause: null } });
      return ok(null);
    });
    const openDataset = vi.fn().mockResolvedValueOnce(ok(fakeSummary())).mockReturnValueOnce(second.promise);
    const store = datasetStore({ openDataset, cancelOpening });
    await store.getState().openSource(SOURCE);
    const opening = store.getState().openSource({ ...SOURCE, name: 'slow' });
    expect(store.getState().opening).not.toBeNull();
    await store.getState().cancelOpening();
    await opening;
    expect(store.getState()).toMatchObject({ summary: { name: 'xray' }, opening: null, failure: null });
  });

  it('blocks training with a sentence until a check that failed has been done again', async () => {
    const outcomes = [failed('The check failed at A/0.png: out of luck'), ok(fakeSummary())];
    const store = datasetStore({ checkDataset: async () => outcomes.shift()! });
    await store.getState().openSource(SOURCE);
    const left = await store.getState().settleCheck();
    const blocking = {
      path: 'xray',
      reason: expect.stringMatching(
        /^has not been checked to the end\. The check failed at A\/0\.png: out of luck Click "Check again"/,
      ),
      severity: 'blocking',
    };
    expect(left?.problems).toEqual([blocking]);
    expect(store.getState()).toMatchObject({
      summary: { problems: [blocking] },
      checkFailure: 'The check failed at A/0.png: out of luck',
      checking: null,
    });

    store.getState().checkAgain();
    expect(store.getState().checkFailure).toBeNull();
    expect((await store.getState().settleCheck())?.problems).toEqual([]);
    expect(store.getState().summary?.problems).toEqual([]);
  });

  it.each([
    ['cancels the check of a dataset that another replaces', false, 1],
    ['lets the check go on when a training waits for it', true, 0],
  ])('%s', async (_, awaited, cancelled) => {
    const first = deferred<Reply<DatasetSummary>>();
    const cancelCheck = vi.fn(async () => ok(null));
    const store = datasetStore({
      openDataset: async ({ name }) => ok(fakeSummary({ id: name, name })),
      checkDataset: (id) => (id === 'a' ? first.promise : Promise.resolve(ok(fakeSummary({ id, name: id })))),
      cancelCheck,
    });
    await store.getState().openSource({ ...SOURCE, name: 'a' });
    const settled = awaited ? store.getState().settleCheck() : null;
    await store.getState().openSource({ ...SOURCE, name: 'b' });
    expect(cancelCheck).toHaveBeenCalledTimes(cancelled);
    first.resolve(ok(fakeSummary({ id: 'a', name: 'a' })));
    if (settled) expect((await settled)?.name).toBe('a');
    expect(store.getState().summary?.name).toBe('b');
  });
});

it('a dataset whose worker died is closed, and the folder of the last visit is offered again', async () => {
  const folder = { name: 'xray', handles: [] };
  const store = datasetStore({}, { ...NOTHING_KEPT, recall: async () => folder });
  await store.getState().openSource({ kind: 'directories', name: 'xray', handles: [] });
  expect(store.getState().summary).not.toBeNull();
  await store.getState().workerRestarted();
  expect(store.getState()).toMatchObject({ summary: null, samples: [], remembered: folder });
  expect(await store.getState().settleCheck()).toBeNull();
});

describe('the dataset of a run that is continued', () => {
  const wanted = (id: string, change = {}) => ({ ...testRecord().dataset, id, name: 'films', ...change });
  const granted = { name: 'films', requestPermission: async () => 'granted' } as unknown as FileSystemDirectoryHandle;

  function remembering(handle: FileSystemDirectoryHandle, openedId: string) {
    const openDataset = vi.fn(async (_source: unknown, _onProgress: unknown) =>
      ok(fakeSummary({ id: openedId, name: 'films' })),
    );
    const recallOf = async () => ({ name: 'films', handles: [handle] });
    const checkDataset = async (id: string) => ok(fakeSummary({ id, name: 'films' }));
    return { openDataset, store: datasetStore({ openDataset, checkDataset }, { ...NOTHING_KEPT, recallOf }) };
  }

  it('is opened by its stored handle; what is open already is not opened again', async () => {
    const { openDataset, store } = remembering(granted, 'theirs');
    expect(await store.getState().openAgain(wanted('theirs'))).toBeNull();
    expect(openDataset).toHaveBeenCalledWith(
      { kind: 'directories', name: 'films', handles: [granted] },
      expect.any(Function),
    );
    expect(await store.getState().openAgain(wanted('theirs'))).toBeNull();
    expect(openDataset).toHaveBeenCalledTimes(1);
  });

  it('is the sample, where the run was trained on that', async () => {
    const openSample = vi.fn(async () => ok(fakeSummary({ id: 'sample', synthetic: true })));
    const store = datasetStore({ openSample });
    expect(await store.getState().openAgain(wanted('sample', { synthetic: true }))).toBeNull();
    expect(openSample).toHaveBeenCalledTimes(1);
  });

  it('is asked for by name where no handle is stored, or the browser does not allow it', async () => {
    expect(await datasetStore({}).getState().openAgain(wanted('theirs'))).toMatch(
      /trained on films, which is not open\. Open the folder films on the Dataset screen/,
    );
    const denied = { name: 'films', requestPermission: async () => 'denied' } as unknown as FileSystemDirectoryHandle;
    const { openDataset, store } = remembering(denied, 'theirs');
    expect(await store.getState().openAgain(wanted('theirs'))).toMatch(
      /did not allow reading films\. Open the folder films/,
    );
    expect(openDataset).not.toHaveBeenCalled();
  });

  it('is refused when it has changed, could not be opened, or its opening was cancelled', async () => {
    const changed = remembering(granted, 'changed').store;
    expect(await changed.getState().openAgain(wanted('theirs'))).toMatch(/^films is not as it was when this run/);
    const { openDataset, store } = remembering(granted, 'theirs');
    openDataset.mockResolvedValueOnce(failed('The folder films holds no image.') as never);
    expect(await store.getState().openAgain(wanted('theirs'))).toMatch(
      /^The folder films holds no image\. Open the folder/,
    );
    const cancelled = { ok: false, failure: { code: 'cancelled', sentence: 'Cancelled.', cause: null } };
    openDataset.mockResolvedValueOnce(cancelled as never);
    expect(await store.getState().openAgain(wanted('theirs'))).toMatch(/^films was not opened\./);
  });
});
