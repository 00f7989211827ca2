import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRecord } from '../domain/run-test-kit';
import { DATABASE_NAME, openDatabase } from './database';
import { recallFolder, recallFolderOf, rememberFolder } from './folder-store';
import { openRunStore, type RunStore } from './run-store';

const record = (id: string, createdAt: number) => testRecord({ id, createdAt, status: 'running' });

describe('run store', () => {
  let store: RunStore;

  beforeEach(async () => {
    await deleteDB(DATABASE_NAME);
    store = await openRunStore();
  });

  afterEach(() => store.close());

  it('puts, replaces, gets, lists by age and deletes', async () => {
    await store.put(record('b', 2));
    await store.put(record('a', 1));
    await store.put({ ...record('b', 2), status: 'finished' });
    expect((await store.list()).records.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'a running',
      'b finished',
    ]);
    expect(await store.get('a')).toEqual(record('a', 1));
    await store.delete('a');
    expect(await store.get('a')).toBeNull();
    expect(await store.list()).toMatchObject({ records: [{ id: 'b' }], unreadable: [] });
  });

  it('keeps predictions beside the record until others replace them or the run is deleted', async () => {
    const of = (path: string) => [{ path, classIndex: 0, probabilities: [0.5, Number.NaN] }];
    await store.put(record('a', 1), { last: of('one'), best: of('one') });
    await store.put(record('b', 2), { last: of('two'), best: null });
    await store.put({ ...record('a', 1), status: 'finished' });
    expect(await store.predictions('a')).toEqual({ last: of('one'), best: of('one') });
    await store.put(record('a', 1), { last: of('three'), best: null });
    expect(await store.predictions('a')).toEqual({ last: of('three'), best: null });
    await store.delete('a');
    expect(await store.predictions('a')).toEqual({ last: null, best: null });
    expect(await store.predictions('b')).toEqual({ last: of('two'), best: null });
  });

  it('lists what it cannot read, gives it as it is stored, and deletes it', async () => {
    const future = { ...record('future', 1), schemaVersion: 99 };
    const database = await openDatabase();
    await database.put('runs', future);
    await database.put('runs', { id: 'junk', loss: Number.NaN });
    const row = { runId: 'junk', split: 'test', weights: 'last', predictions: 'damaged' };
    await database.put('predictions', row);
    await store.put(record('a', 1));
    expect(await store.list()).toMatchObject({
      records: [{ id: 'a' }],
      unreadable: [
        { id: 'future', network: 'baseline', reason: expect.stringContaining('newer Thorax') },
        { id: 'junk', network: null, reason: expect.stringContaining('damaged') },
      ],
    });
    expect(await store.ids()).toEqual(new Set(['a', 'future', 'junk']));
    await expect(store.get('junk')).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('junk'),
    });
    await expect(store.predictions('junk')).rejects.toMatchObject({ message: expect.stringContaining('junk') });
    expect(await store.readRaw('junk')).toEqual({ record: { id: 'junk', loss: Number.NaN }, predictions: [row] });
    expect(await store.readRaw('future')).toEqual({ record: future, predictions: [] });
    expect(await store.readRaw('nobody')).toBeNull();
    await store.delete('junk');
    await store.delete('future');
    expect(await store.list()).toMatchObject({ records: [{ id: 'a' }], unreadable: [] });
    expect(await database.count('predictions')).toBe(0);
    database.close();
  });

  it('updates what is there, and does not bring back what was deleted', async () => {
    const predicted = { last: [{ path: 'p', classIndex: 0, probabilities: [1, 0] }], best: null };
    expect(await store.update(record('a', 1), predicted)).toBe(false);
    expect(await store.ids()).toEqual(new Set());
    expect(await store.predictions('a')).toEqual({ last: null, best: null });
    await store.put(record('a', 1));
    expect(await store.update({ ...record('a', 1), status: 'finished' }, predicted)).toBe(true);
    expect(await store.get('a')).toMatchObject({ status: 'finished' });
    expect(await store.predictions('a')).toEqual(predicted);
  });

  it('adds a run as it was stored elsewhere, and never in place of another', async () => {
    const row = { runId: 'a', split: 'test', weights: 'best', predictions: [] };
    const raw = { record: { ...record('a', 1), extra: Number.NaN }, predictions: [row] };
    expect(await store.add('a', raw)).toBe(true);
    expect(await store.readRaw('a')).toEqual(raw);
    expect(await store.add('a', { record: record('a', 2), predictions: [] })).toBe(false);
    expect(await store.readRaw('a')).toEqual(raw);
  });

  it('survives a second connection and a reopening', async () => {
    await store.put(record('a', 1));
    const other = await openRunStore();
    expect(await other.get('a')).toEqual(record('a', 1));
    other.close();
  });
});

describe('folder store', () => {
  it('remembers a directory handle', async () => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getDirectoryHandle('xrays', { create: true });
    await rememberFolder({ name: 'xrays', handles: [handle] }, 'dataset-1');
    const recalled = await recallFolder();
    expect(recalled?.name).toBe('xrays');
    expect(await recalled?.handles[0].isSameEntry(handle)).toBe(true);
    await root.removeEntry('xrays');
  });

  it('finds the folder of each dataset, and the last one by its name where that was not remembered', async () => {
    const root = await navigator.storage.getDirectory();
    const folders = await Promise.all(['a', 'b'].map((name) => root.getDirectoryHandle(name, { create: true })));
    for (const handle of folders)
      await rememberFolder({ name: handle.name, handles: [handle] }, `id of ${handle.name}`);
    await rememberFolder({ name: 'b', handles: [folders[1]] }, 'id of b, changed');
    const recall = async (id: string, name: string) => (await recallFolderOf({ id, name }))?.handles[0].name ?? null;
    expect(await recall('id of a', 'a')).toBe('a');
    expect(await recall('id of b', 'b')).toBe('b');
    expect(await recall('never opened', 'b')).toBe('b');
    expect(await recall('never opened', 'a')).toBeNull();
    for (const { name } of folders) await root.removeEntry(name);
  });

  it('ignores stored values that are no folder', async () => {
    const database = await openDatabase();
    await database.put('folders', { name: 'x', handles: ['not a handle'] }, 'last-dataset');
    await database.put('folders', [{ datasetId: 'd', name: 'x', handles: [] }, 'x'], 'by-dataset');
    database.close();
    expect(await recallFolder()).toBeNull();
    expect(await recallFolderOf({ id: 'd', name: 'x' })).toBeNull();
  });
});
