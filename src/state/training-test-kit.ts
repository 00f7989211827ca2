/** @file A training store with the stores it reads and a worker that is played by hand. For tests only. */

import { vi } from 'vitest';
import type { DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import type { QueueEvent, RunEvent, WeightsStatus } from '../domain/protocol';
import type { NewQueueItem, QueueItem, QueueState } from '../domain/queue';
import { testQueueItem } from '../domain/queue-test-kit';
import type { RunRecord } from '../domain/run';
import { createDatasetStore } from './dataset-store';
import { createDraftStore } from './draft-store';
import { fakeDatasetApi, fakeRecord, fakeSummary } from './fakes';
import { createRunsStore } from './runs-store';
import { createTrainingStore } from './training-store';
import { createWeightsStore } from './weights-store';

const MISSING: WeightsStatus = {
  network: 'vgg16',
  fileName: 'vgg16_notop.h5',
  url: 'https://example.org',
  present: false,
};
export const ok = <T>(value: T): Reply<T> => ({ ok: true, value });

export const refused = (sentence: string): Reply<never> => ({
  ok: false,
  failure: { code: 'storage', sentence, cause: null },
});

/**
 * A dataset of two classes is open, and the store follows the worker.
 * @param check what the check of the images replies
 * @param stored the runs that are stored
 */
export async function setUpTraining(
  check: Promise<Reply<DatasetSummary>> = Promise.resolve(ok(fakeSummary())),
  stored: RunRecord[] = [],
) {
  const enqueued: NewQueueItem[] = [];
  const startQueue = vi.fn(async (_dataset: DatasetSummary, _retry: boolean) => ok(null));
  const stopRun = vi.fn(async () => ok(null));
  const pauseRun = vi.fn(async () => ok(null));
  let emit: (event: QueueEvent) => void = () => undefined;
  const dataset = createDatasetStore(fakeDatasetApi({ checkDataset: () => check }), {
    remember: async () => undefined,
    recall: async () => null,
    recallOf: async () => null,
  });
  const draft = createDraftStore();
  const weights = createWeightsStore(
    {
      listWeights: async () => ok([MISSING]),
      importWeights: async () => ok(MISSING),
      downloadWeights: async () => ok(MISSING),
      removeWeights: async () => ok(MISSING),
    },
    () => [],
  );
  const findGoing = vi.fn(async () => new Set<string>());
  const runs = createRunsStore(
    { deleteRun: async () => ok(null) },
    { list: async () => ({ records: stored, unreadable: [] }), findGoing, untilEnded: async () => undefined },
  );
  let ids = 0;
  const training = createTrainingStore({
    api: {
      watchRuns: async (onEvent) => {
        emit = onEvent;
        return ok(null);
      },
      enqueueRuns: async (items) => {
        enqueued.push(...items);
        return ok(null);
      },
      startQueue,
      moveQueueItem: async () => refused('Gone.'),
      removeQueueItem: async () => ok(null),
      pauseRun,
      resumeRun: async () => ok(null),
      stopRun,
    },
    draft,
    dataset,
    weights,
    runs,
    newRunId: () => {
      ids += 1;
      return `run-${ids}`;
    },
  });
  await dataset.getState().openSample();
  await training.getState().watch();
  const show = (state: QueueState, items: QueueItem[] = []) =>
    emit({ type: 'queueChanged', queue: { state, items, unreadable: 0, datasetIds: [] } });
  /** As the worker does when a run's turn comes. */
  const take = (id: string, change: Partial<QueueItem> = {}) => {
    const item = testQueueItem(id, change);
    show('here');
    emit({ type: 'runTaken', item });
    const progress = (event: RunEvent) => emit({ type: 'runProgressed', runId: id, event });
    progress({ type: 'runStarted', record: fakeRecord(id, item.recipe) });
    return progress;
  };
  const close = (id: string, outcome: Extract<QueueEvent, { type: 'runClosed' }>['outcome'], continues = false) =>
    emit({ type: 'runClosed', runId: id, outcome, continues });
  return {
    enqueued,
    startQueue,
    stopRun,
    pauseRun,
    findGoing,
    dataset,
    draft,
    runs,
    training,
    emit,
    show,
    take,
    close,
  };
}
