import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import { fakeRecord } from './fakes';
import { createRunsStore } from './runs-store';

const recipe = notebookRecipe('baseline');
const deleted = { deleteRun: async () => ({ ok: true as const, value: null }) };

const UNREADABLE = { id: 'x', network: null, dataset: null, createdAt: null, reason: 'It is damaged.' };

describe('runs store', () => {
  it('lists newest first, and a run that nobody trains any more as interrupted', async () => {
    const stored = [
      fakeRecord('a', recipe, { createdAt: 1, status: 'finished' }),
      fakeRecord('b', recipe, { createdAt: 2 }),
    ];
    const store = createRunsStore(deleted, { list: async () => ({ records: stored, unreadable: [UNREADABLE] }) });
    await store.getState().refresh();
    expect(store.getState().records.map(({ id, status }) => [id, status])).toEqual([
      ['b', 'interrupted'],
      ['a', 'finished'],
    ]);
    expect(store.getState().unreadable).toEqual([UNREADABLE]);
    await store.getState().remove('x');
    expect(store.getState()).toMatchObject({ records: [{ id: 'b' }, { id: 'a' }], unreadable: [] });
  });

  it('keeps what it has seen of the run that is going', async () => {
    const store = createRunsStore(deleted, {
      list: async () => ({ records: [fakeRecord('a', recipe)], unreadable: [] }),
    });
    store.getState().put(fakeRecord('a', recipe, { timeMs: 500 }));
    await store.getState().refresh();
    expect(store.getState().records).toMatchObject([{ id: 'a', status: 'running', timeMs: 500 }]);
  });

  it('says so when storage refuses', async () => {
    const store = createRunsStore(deleted, { list: () => Promise.reject(new Error('no')) });
    await store.getState().refresh();
    expect(store.getState()).toMatchObject({ loaded: true, records: [] });
    expect(store.getState().failure).toContain('no');
  });

  it('sorts up, down, and not at all', () => {
    const store = createRunsStore(deleted, { list: async () => ({ records: [], unreadable: [] }) });
    store.getState().sortBy('time');
    expect(store.getState().sort).toEqual({ column: 'time', direction: 'ascending' });
    store.getState().sortBy('time');
    expect(store.getState().sort).toEqual({ column: 'time', direction: 'descending' });
    store.getState().sortBy('time');
    expect(store.getState().sort).toBeNull();
  });
});
