import { expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { fakeRecord } from './fakes';
import { keepStorageCurrent } from './keep-storage-current';

it('the browser is asked when a training begins, not before; how much is stored is read as runs change', () => {
  const askPersistence = vi.fn(async () => undefined);
  const refresh = vi.fn(async () => undefined);
  const runs = createStore<{ records: RunRecord[]; loaded: boolean }>(() => ({ records: [], loaded: false }));
  const training = createStore(() => ({ active: false, stopping: false }));
  keepStorageCurrent(
    createStore(() => ({ askPersistence, refresh })),
    runs,
    training,
  );

  training.setState({ stopping: true });
  runs.setState({ loaded: true });
  expect([askPersistence, refresh].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  training.setState({ active: true });
  training.setState({ stopping: false });
  expect(askPersistence).toHaveBeenCalledTimes(1);
  runs.setState({ records: [fakeRecord('a', notebookRecipe('baseline'))] });
  expect(refresh).toHaveBeenCalledTimes(1);
});
