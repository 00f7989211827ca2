import { describe, expect, it, vi } from 'vitest';
import { testQueueItem } from '../domain/queue-test-kit';
import type { RunRecord } from '../domain/run';
import { fakeRecord, fakeSummary } from './fakes';
import { setUpTraining } from './training-test-kit';

it('a run that was stopping when its worker died is over, and the new worker is followed', async () => {
  const { training, startQueue, runs, findGoing, take, show } = await setUpTraining();
  findGoing.mockResolvedValue(new Set());
  const refresh = vi.spyOn(runs.getState(), 'refresh');
  take('a');
  await training.getState().stop();
  expect(training.getState()).toMatchObject({ active: true, stopping: true });
  const restarted = training.getState().workerRestarted();
  show('held');
  await restarted;
  expect(training.getState()).toMatchObject({ active: false, stopping: false, live: { over: true } });
  expect(refresh).toHaveBeenCalled();
  expect(startQueue).not.toHaveBeenCalled();
  take('b');
  expect(training.getState().live?.item.id).toBe('b');
});

describe('a worker that dies while it trains', () => {
  const stored = fakeRecord('a', testQueueItem('a').recipe);

  /** Training run `a`, whose item has lost its worker so often already; `b` waits. */
  async function begin(losses: number, records: RunRecord[] = [stored]) {
    const made = await setUpTraining(undefined, records);
    await made.training.getState().continueQueue();
    made.startQueue.mockClear();
    const progress = made.take('a', { losses });
    made.show('here', [testQueueItem('b')]);
    return { ...made, progress };
  }

  it('is followed by one that continues the run from its checkpoint, and the queue after it', async () => {
    const { enqueued, startQueue, training } = await begin(0);
    await training.getState().workerRestarted();
    expect(enqueued).toMatchObject([{ id: 'a', start: 'checkpoint', losses: 1, dataset: { id: 'dataset-1' } }]);
    expect(startQueue.mock.calls).toEqual([[fakeSummary(), false]]);
  });

  it('before the record is stored: the run begins once more in its place', async () => {
    const { enqueued, training } = await begin(0, []);
    await training.getState().workerRestarted();
    expect(enqueued).toMatchObject([{ id: 'a', start: 'new', losses: 1 }]);
  });

  it('for the second time without a new checkpoint: run and queue are held, with a sentence', async () => {
    const { enqueued, startQueue, training, runs } = await begin(1);
    await training.getState().workerRestarted();
    expect([enqueued, startQueue.mock.calls]).toEqual([[], []]);
    expect(training.getState()).toMatchObject({ active: false, queue: { state: 'held', items: [{ id: 'b' }] } });
    expect(training.getState().failures).toMatchObject([
      { runId: 'a', sentence: expect.stringMatching(/^The part of Thorax that trains .* twice in a row .*Batch size/) },
    ]);
    expect(runs.getState().records).toMatchObject([{ id: 'a', status: 'interrupted' }]);
  });

  it('for the second time, with a checkpoint since: the run goes on', async () => {
    const { enqueued, progress, training } = await begin(1);
    progress({ type: 'checkpointSaved' });
    await training.getState().workerRestarted();
    expect(enqueued).toMatchObject([{ id: 'a', losses: 1 }]);
  });

  it('and gets no successor: the run is interrupted, and nothing is asked of anyone', async () => {
    const { enqueued, training, runs } = await begin(0);
    await training.getState().workerGone();
    expect(training.getState()).toMatchObject({ active: false, live: { over: true }, queue: { state: 'held' } });
    expect(runs.getState().records).toMatchObject([{ id: 'a', status: 'interrupted' }]);
    expect(enqueued).toEqual([]);
  });

  it('while the run was paused: it is paused again as soon as it goes on', async () => {
    const { pauseRun, progress, take, training } = await begin(0);
    progress({ type: 'runPaused' });
    await training.getState().workerRestarted();
    expect(pauseRun).not.toHaveBeenCalled();
    take('a');
    expect(pauseRun).toHaveBeenCalledTimes(1);
  });
});
