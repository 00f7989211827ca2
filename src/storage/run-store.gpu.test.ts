import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import { RUN_SCHEMA_VERSION, type RunRecord } from '../domain/run';
import { DATABASE_NAME, openDatabase } from './database';
import { recallFolder, rememberFolder } from './folder-store';
import { openRunStore, type RunStore } from './run-store';

function record(id: string, createdAt: number): RunRecord {
  return {
    schemaVersion: RUN_SCHEMA_VERSION,
    id,
    createdAt,
    recipe: notebookRecipe('baseline'),
    dataset: {
      id: 'd',
      name: 'X-rays',
      synthetic: true,
      classNames: ['COVID', 'HEALTHY'],
      counts: { train: 4, validation: 2, test: 2 },
    },
    weightsOrigin: 'random',
    gpu: 'webgpu: software',
    parameterCount: 10,
    trainableParameterCount: 10,
    status: 'running',
    epochs: [],
    timeMs: 0,
    bestEpoch: null,
    test: { last: null, best: null },
    failure: null,
  };
}

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
