import { expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { testQueueItem } from '../domain/queue-test-kit';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { fakeRecord } from './fakes';
import { keepStorageCurrent } from './keep-storage-current';
import { emptyLiveRun } from './live-run';
import type { TrainingState } from './training-store';

it('the browser is asked when a training begins, not before; how much is stored is read as runs change', () => {
  const askPersistence = vi.fn(async () => undefined);
  const refresh = vi.fn(async () => undefined);
  const reportFull = vi.fn(async () => undefined);
  const runs = createStore<{ records: RunRecord[]; loaded: boolean }>(() => ({ records: [], loaded: false }));
  const training = createStore<Pick<TrainingState, 'active' | 'live' | 'stopping'>>(() => ({
    active: false,
    live: null,
    stopping: false,
  }));
  keepStorageCurrent(
    createStore(() => ({ askPersistence, refresh, reportFull })),
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

  const live = emptyLiveRun(testQueueItem('a'));
  training.setState({ live });
  expect(reportFull).not.toHaveBeenCalled();
  training.setState({ live: { ...live, checkpointNotStored: 'The disk is full.' } });
  training.setState({ stopping: true });
  expect(reportFull).toHaveBeenCalledTimes(1);
});
