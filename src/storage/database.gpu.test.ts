import { deleteDB } from 'idb';
import { beforeEach, describe, expect, it } from 'vitest';
import { RUN_SCHEMA_VERSION } from '../domain/run';
import { DIVERGED_EPOCH, testRecord } from '../domain/run-test-kit';
import { DATABASE_NAME, openDatabase } from './database';
import { openRunStore } from './run-store';

const PREDICTIONS = [{ path: 'a.png', classIndex: 0, probabilities: [0.75, 0.25] }];
const SCORE_V1 = { accuracy: 1, loss: 0.3, predictions: PREDICTIONS };
const SCORE = { accuracy: 1, loss: 0.3, count: 1 };

/** By the browser's own interface. */
async function upgradeTo(version: number, upgrade: (database: IDBDatabase) => void): Promise<void> {
  const request = indexedDB.open(DATABASE_NAME, version);
  request.onupgradeneeded = () => upgrade(request.result);
  await new Promise((resolve, reject) => {
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  });
  request.result.close();
}

/** Makes the database as version 1 of the program did. */
function makeVersion1(records: unknown[]): Promise<void> {
  return upgradeTo(1, (database) => {
    const runs = database.createObjectStore('runs', { keyPath: 'id' });
    for (const record of records) runs.put(record);
    database.createObjectStore('folders').put({ name: 'xrays', handles: [] }, 'last-dataset');
  });
}

beforeEach(() => deleteDB(DATABASE_NAME));

describe('a database of version 1', () => {
  it('keeps every run, NaN and what it cannot read included, and gives predictions a store of their own', async () => {
    const unreadable = { id: 'junk', test: { last: SCORE_V1 } };
    await makeVersion1([
      {
        ...testRecord({ id: 'tested', epochs: [DIVERGED_EPOCH] }),
        schemaVersion: 1,
        test: { last: SCORE_V1, best: SCORE_V1 },
      },
      { ...testRecord({ id: 'untested', createdAt: 1 }), schemaVersion: 1 },
      unreadable,
    ]);
    const store = await openRunStore();
    const { records } = await store.list();
    expect(records).toEqual([
      testRecord({ id: 'tested', epochs: [DIVERGED_EPOCH], test: { last: SCORE, best: SCORE } }),
      testRecord({ id: 'untested', createdAt: 1 }),
    ]);
    expect(await store.predictions('tested')).toEqual({ last: PREDICTIONS, best: PREDICTIONS });
    expect(await store.predictions('untested')).toEqual({ last: null, best: null });
    store.close();

    const database = await openDatabase();
    expect(await database.get('runs', 'tested')).toMatchObject({ schemaVersion: RUN_SCHEMA_VERSION });
    expect(await database.get('runs', 'junk')).toEqual(unreadable);
    expect(await database.get('folders', 'last-dataset')).toMatchObject({ name: 'xrays' });
    expect(await database.count('queue')).toBe(0);
    database.close();
  });

  it('still gives the predictions of a record that the upgrade left as it was', async () => {
    await makeVersion1([]);
    const database = await openDatabase();
    const stored = { ...testRecord({ id: 'late' }), schemaVersion: 1, test: { last: SCORE_V1, best: null } };
    await database.put('runs', stored);
    database.close();
    const store = await openRunStore();
    expect((await store.get('late'))?.test).toEqual({ last: SCORE, best: null });
    expect(await store.predictions('late')).toEqual({ last: PREDICTIONS, best: null });
    store.close();
  });
});

describe('a connection that another tab closes', () => {
  it('says so where that tab upgraded the database, and does not stand in its way', async () => {
    const store = await openRunStore();
    await store.put(testRecord({ id: 'a' }));
    await upgradeTo(99, () => undefined);
    const updated = { code: 'storage', message: expect.stringMatching(/updated in another tab. Reload this page/) };
    await expect(store.put(testRecord({ id: 'b' }))).rejects.toMatchObject(updated);
    await expect(store.list()).rejects.toMatchObject(updated);
    await expect(openRunStore()).rejects.toMatchObject(updated);
  });

  it('is opened anew where the version allows', async () => {
    const store = await openRunStore();
    await deleteDB(DATABASE_NAME);
    await store.put(testRecord({ id: 'b' }));
    expect(await store.ids()).toEqual(new Set(['b']));
    store.close();
  });
});
