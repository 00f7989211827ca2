import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import type { UnreadableRun } from '../domain/stored-run';
import { deferred, fakeRecord, settleAll } from './fakes';
import { createRunsStore, type RunSource } from './runs-store';

const recipe = notebookRecipe('baseline');
const deleted = { deleteRun: async () => ({ ok: true as const, value: null }) };

const UNREADABLE = { id: 'x', network: null, dataset: null, createdAt: null, reason: 'It is damaged.' };
/** @param going the ids that each call of `findGoing` finds; the last for all further calls. */
function storeOf(records: RunRecord[], going: string[][] = [[]], unreadable: UnreadableRun[] = []) {
  const answers = going.map((ids) => new Set(ids));
  const ended = deferred<void>();
  const source: RunSource = {
    untilEnded: () => ended.promise,
    list: async () => ({ records, unreadable }),
    findGoing: async () => (answers.length > 1 ? answers.shift() : answers[0]) ?? new Set(),
  };
  return Object.assign(createRunsStore(deleted, source), { end: () => ended.resolve() });
}

const statuses = ({ getState }: ReturnType<typeof storeOf>) => getState().records.map(({ id, status }) => [id, status]);

describe('runs store', () => {
  it('lists newest first, and a run that no tab trains any more as interrupted', async () => {
    const stored = [
      fakeRecord('a', recipe, { createdAt: 1, status: 'finished' }),
      fakeRecord('b', recipe, { createdAt: 2 }),
    ];
    const store = storeOf(stored, [[]], [UNREADABLE]);
    await store.getState().refresh();
    expect(statuses(store)).toEqual([
      ['b', 'interrupted'],
      ['a', 'finished'],
    ]);
    expect(store.getState().unreadable).toEqual([UNREADABLE]);
    await store.getState().remove('x');
    expect(store.getState()).toMatchObject({ records: [{ id: 'b' }, { id: 'a' }], unreadable: [] });
  });

  it('keeps the newer record of its own run until that has ended', async () => {
    const store = storeOf([fakeRecord('a', recipe)], [['a'], ['a'], []]);
    store.getState().claim('a');
    store.getState().put(fakeRecord('a', recipe, { timeMs: 500 }));
    await store.getState().refresh();
    expect(store.getState().records).toMatchObject([{ id: 'a', status: 'running', timeMs: 500 }]);
    expect(store.getState().elsewhere.size).toBe(0);
    // Its worker has died.
    await store.getState().refresh();
    expect(statuses(store)).toEqual([['a', 'interrupted']]);
  });

  it('knows a run of another tab, and calls it interrupted only once it has ended there', async () => {
    const store = storeOf([fakeRecord('a', recipe)], [['a'], ['a'], []]);
    await store.getState().refresh();
    expect(statuses(store)).toEqual([['a', 'running']]);
    expect([...store.getState().elsewhere]).toEqual(['a']);
    store.end();
    await settleAll();
    expect(statuses(store)).toEqual([['a', 'interrupted']]);
    expect(store.getState().elsewhere.size).toBe(0);
  });

  it('does not call a run interrupted that began while the records were read', async () => {
    const store = storeOf([fakeRecord('a', recipe)], [[], ['a']]);
    await store.getState().refresh();
    expect(statuses(store)).toEqual([['a', 'running']]);
  });

  it('keeps how its own run ended where that could not be stored', async () => {
    const store = storeOf([fakeRecord('a', recipe)]);
    store.getState().claim('a');
    store.getState().put(fakeRecord('a', recipe, { status: 'finished' }));
    await store.getState().refresh();
    expect(statuses(store)).toEqual([['a', 'finished']]);
  });

  it('loses no run that is put while the records are read', async () => {
    const reading = deferred<void>();
    const lists = [[], [fakeRecord('a', recipe, { status: 'finished' })]];
    const store = createRunsStore(deleted, {
      list: async () => {
        const records = lists.shift() ?? [];
        await reading.promise;
        return { records, unreadable: [] };
      },
      findGoing: async () => new Set(),
      untilEnded: async () => undefined,
    });
    const refreshed = store.getState().refresh();
    await settleAll();
    store.getState().put(fakeRecord('a', recipe, { status: 'finished' }));
    reading.resolve();
    await refreshed;
    expect(store.getState().records).toMatchObject([{ id: 'a', status: 'finished' }]);
  });

  it('says so when storage refuses', async () => {
    const store = createRunsStore(deleted, {
      list: () => Promise.reject(new Error('no')),
      findGoing: async () => new Set(),
      untilEnded: async () => undefined,
    });
    await store.getState().refresh();
    expect(store.getState()).toMatchObject({ loaded: true, records: [] });
    expect(store.getState().failure).toContain('no');
  });

  it('sorts up, down, and not at all', () => {
    const store = storeOf([]);
    store.getState().sortBy('time');
    expect(store.getState().sort).toEqual({ column: 'time', direction: 'ascending' });
    store.getState().sortBy('time');
    expect(store.getState().sort).toEqual({ column: 'time', direction: 'descending' });
    store.getState().sortBy('time');
    expect(store.getState().sort).toBeNull();
  });
});
