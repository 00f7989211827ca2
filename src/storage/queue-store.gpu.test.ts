import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { QUEUE_LOCK, runLock } from '../domain/lock-names';
import type { NewQueueItem } from '../domain/queue';
import { notebookRecipe } from '../domain/recipe';
import { DATABASE_NAME, openDatabase } from './database';
import { findGoingRuns } from './locks';
import { openQueueStore, type QueueStore } from './queue-store';
import { openTabs } from './tabs';

const item = (id: string): NewQueueItem => ({
  id,
  recipe: notebookRecipe('baseline'),
  dataset: { id: 'd', name: 'X-rays', synthetic: false },
  group: { id: 'g', name: 'Three seeds', seed: 3, fold: null },
  addedAt: 1,
});

let store: QueueStore;

beforeEach(async () => {
  await deleteDB(DATABASE_NAME);
  store = await openQueueStore();
});

afterEach(() => store.close());

const ids = async () => (await store.list()).items.map(({ id }) => id);

it('keeps the order over a reopening, moves, notes why one could not start, and removes', async () => {
  await store.add([item('a'), item('b')]);
  await store.add([item('c')]);
  store.close();
  store = await openQueueStore();
  expect(await ids()).toEqual(['a', 'b', 'c']);
  await store.move('c', 'a');
  await store.move('a', null);
  expect(await ids()).toEqual(['c', 'b', 'a']);
  await store.setFailure('b', 'The GPU is full.');
  await store.setFailure('gone', 'Nothing is made of this.');
  await store.remove('c');
  expect((await store.list()).items).toMatchObject([
    { ...item('b'), failure: 'The GPU is full.' },
    { ...item('a'), failure: null },
  ]);
  expect([await store.has('b'), await store.has('c')]).toEqual([true, false]);
});

it('loses nothing when two connections append at once', async () => {
  const other = await openQueueStore();
  await Promise.all([store.add([item('a'), item('b')]), other.add([item('c')]), store.add([item('d')])]);
  other.close();
  const { items } = await store.list();
  expect(items.map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  expect(new Set(items.map(({ position }) => position)).size).toBe(4);
});

it('counts what it cannot read and keeps it', async () => {
  await store.add([item('a')]);
  const database = await openDatabase();
  await database.put('queue', { id: 'junk' });
  expect(await store.list()).toMatchObject({ items: [{ id: 'a' }], unreadable: 1 });
  await store.move('a', null);
  expect(await database.count('queue')).toBe(2);
  database.close();
});

it('holds a lock while it works, which the others see and wait for', async () => {
  const [here, there] = [openTabs(), openTabs()];
  let order = '';
  let finish = () => {};
  const working = here.hold(runLock('r'), () => new Promise<void>((resolve) => (finish = resolve)));
  expect(await there.holdIfFree(runLock('r'), async () => 'worked')).toBeNull();
  expect([...(await findGoingRuns())]).toEqual(['r']);
  const free = there.untilFree(runLock('r')).then(() => (order += 'free'));
  order += 'held, ';
  finish();
  await Promise.all([working, free]);
  expect(order).toBe('held, free');
  expect((await there.heldLocks()).has(runLock('r'))).toBe(false);
  expect(await there.holdIfFree(QUEUE_LOCK, async () => 'worked')).toBe('worked');
});

it('notifies the other tabs', async () => {
  const [here, there] = [openTabs(), openTabs()];
  const heard = new Promise((resolve) => there.listen(resolve));
  here.send('queueStopped');
  expect(await heard).toBe('queueStopped');
});
