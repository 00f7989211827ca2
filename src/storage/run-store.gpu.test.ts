import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRecord } from '../domain/run-test-kit';
import { DATABASE_NAME, openDatabase } from './database';
import { recallFolder, rememberFolder } from './folder-store';
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
    expect(await store.list()).toMatchObject({ records: [{ id: 'b' }], unreadable: 0 });
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

  it('counts what it cannot read and keeps it', async () => {
    const database = await openDatabase();
    await database.put('runs', { ...record('future', 1), schemaVersion: 99 });
    await database.put('runs', { id: 'junk' });
    await store.put(record('a', 1));
    expect(await store.list()).toMatchObject({ records: [{ id: 'a' }], unreadable: 2 });
    await expect(store.get('junk')).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('junk'),
    });
    expect(await database.count('runs')).toBe(3);
    database.close();
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
    await rememberFolder({ name: 'xrays', handles: [handle] });
    const recalled = await recallFolder();
    expect(recalled?.name).toBe('xrays');
    expect(await recalled?.handles[0].isSameEntry(handle)).toBe(true);
    await root.removeEntry('xrays');
  });

  it('takes stored nonsense for nothing', async () => {
    const database = await openDatabase();
    await database.put('folders', { name: 'x', handles: ['not a handle'] }, 'last-dataset');
    database.close();
    expect(await recallFolder()).toBeNull();
  });
});
