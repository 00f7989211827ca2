import { expect, it, vi } from 'vitest';
import { testQueueItem } from '../domain/queue-test-kit';
import { fakeLog, fakeRecord, settleAll } from './fakes';
import { ok, refused, setUpTraining } from './training-test-kit';

const recipe = testQueueItem('any').recipe;
const finished = (id: string) => ok(fakeRecord(id, recipe, { status: 'finished', epochs: [fakeLog(1)] }));

it('keeps the record of a run in the runs store, and the sentence of one that failed', async () => {
  const { training, runs, take, close } = await setUpTraining();
  take('a');
  expect(runs.getState().records).toMatchObject([{ id: 'a', status: 'running' }]);
  close('a', refused('The disk is full.'));
  expect(runs.getState().records).toMatchObject([{ id: 'a', status: 'failed', failure: 'The disk is full.' }]);
  expect(training.getState().failures).toEqual([{ runId: 'a', sentence: 'The disk is full.' }]);
  take('b');
  close('b', finished('b'));
  expect(runs.getState().records.map(({ status }) => status)).toEqual(['finished', 'failed']);
  expect(training.getState().live).toMatchObject({ over: true, item: { id: 'b' } });
});

it('leaves the sentence of a run that could not be started to the queue', async () => {
  const { training, runs, emit, close } = await setUpTraining();
  emit({ type: 'runTaken', item: testQueueItem('a') });
  close('a', refused('The GPU is full.'));
  expect(runs.getState().records).toEqual([]);
  expect(training.getState()).toMatchObject({ failures: [], live: { over: true } });
});

it('reads the runs again when another tab begins or ends one', async () => {
  const { findGoing, show } = await setUpTraining();
  show('held');
  await settleAll();
  expect(findGoing).not.toHaveBeenCalled();
  show('elsewhere');
  await settleAll();
  const asked = findGoing.mock.calls.length;
  expect(asked).toBeGreaterThan(0);
  show('held');
  await settleAll();
  expect(findGoing.mock.calls.length).toBeGreaterThan(asked);
});

it('shows batches at most four times a second, and the last one', async () => {
  vi.useFakeTimers();
  try {
    const { training, take } = await setUpTraining();
    const progress = take('a');
    let updates = 0;
    const stopCounting = training.subscribe(() => {
      updates += 1;
    });
    for (let batch = 1; batch <= 100; batch += 1) {
      progress({
        type: 'batchEnded',
        epoch: 1,
        batch,
        batchCount: 100,
        loss: 1,
        accuracy: 0,
        imagesPerSecond: 1,
        gflops: null,
        memory: null,
        timeLeftMs: null,
      });
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(250);
    stopCounting();
    expect(updates).toBeLessThanOrEqual(5);
    expect(training.getState().live?.batch?.batch).toBe(100);
  } finally {
    vi.useRealTimers();
  }
});

it('a run that was deleted while it went leaves the list, with a sentence', async () => {
  const { take, close, runs, training } = await setUpTraining();
  take('r')({ type: 'epochEnded', log: fakeLog(1), bestEpoch: 1, timeMs: 10, collapse: null });
  const failure = { code: 'deleted' as const, sentence: 'This run was deleted.', cause: null };
  close('r', { ok: false, failure });
  await settleAll();
  expect(runs.getState().records).toEqual([]);
  expect(training.getState()).toMatchObject({
    live: { over: true },
    failures: [{ runId: 'r', sentence: 'This run was deleted.' }],
  });
});

it('a run that lost its device and goes on is a notice, no failure; where it goes on is kept', async () => {
  const { training, take, close } = await setUpTraining();
  take('a');
  const failure = 'The GPU was lost.';
  close('a', ok(fakeRecord('a', recipe, { status: 'interrupted', failure })), true);
  expect(training.getState()).toMatchObject({
    failures: [],
    notice: 'The GPU was lost. The run goes on from its last checkpoint.',
  });
  const progress = take('a');
  progress({ type: 'runRestored', epoch: 3, step: 0, notes: ['The newest checkpoint is damaged.'] });
  progress({ type: 'runPaused' });
  expect(training.getState().live?.restored).toEqual({
    epoch: 3,
    step: 0,
    notes: ['The newest checkpoint is damaged.'],
  });
});
