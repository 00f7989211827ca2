import { describe, expect, it, vi } from 'vitest';
import type { DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import type { QueueEvent, RunEvent, WeightsStatus } from '../domain/protocol';
import type { NewQueueItem, QueueItem, QueueState } from '../domain/queue';
import { testQueueItem } from '../domain/queue-test-kit';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { createDatasetStore } from './dataset-store';
import { createDraftStore } from './draft-store';
import { deferred, fakeCounts, fakeDatasetApi, fakeLog, fakeRecord, fakeSummary, settleAll } from './fakes';
import { createRunsStore } from './runs-store';
import { createTrainingStore } from './training-store';
import { createWeightsStore } from './weights-store';

const MISSING: WeightsStatus = {
  network: 'vgg16',
  fileName: 'vgg16_notop.h5',
  url: 'https://example.org',
  present: false,
};
const ok = <T>(value: T): Reply<T> => ({ ok: true, value });

async function setUp(
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

const recipe = testQueueItem('any').recipe;
const finished = (id: string) => ok(fakeRecord(id, recipe, { status: 'finished', epochs: [fakeLog(1)] }));
const refused = (sentence: string): Reply<never> => ({
  ok: false,
  failure: { code: 'storage', sentence, cause: null },
});

it('a run that was deleted while it went leaves the list, with a sentence', async () => {
  const { take, close, runs, training } = await setUp();
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

describe('Train', () => {
  it('queues the selected networks in their fixed order for the open dataset, and starts', async () => {
    const { enqueued, startQueue, draft, training } = await setUp();
    draft.getState().select('densenet121', true);
    draft.getState().select('baseline', true);
    expect(await training.getState().start()).toBeNull();
    await settleAll();
    expect(enqueued.map(({ recipe }) => recipe.network)).toEqual(['baseline', 'densenet121']);
    expect(enqueued[0].dataset).toEqual({ id: 'dataset-1', name: 'xray', synthetic: false });
    expect(startQueue).toHaveBeenCalledWith(fakeSummary(), false);
  });

  it('adds to the queue while a run is going', async () => {
    const { enqueued, draft, training, take } = await setUp();
    draft.getState().select('baseline', true);
    await training.getState().start();
    take('run-1');
    draft.getState().setShared({ seed: 2 });
    expect(await training.getState().start()).toBeNull();
    expect(enqueued.map(({ id, recipe }) => [id, recipe.seed])).toEqual([
      ['run-1', 1],
      ['run-2', 2],
    ]);
    expect(training.getState()).toMatchObject({ active: true, refusal: null, live: { over: false } });
  });

  it('treats two clicks at once as one', async () => {
    const { enqueued, draft, training } = await setUp();
    draft.getState().select('baseline', true);
    await Promise.all([training.getState().start(), training.getState().start()]);
    expect(enqueued).toHaveLength(1);
  });

  it('says which runs come first when others were waiting', async () => {
    const { draft, training, show } = await setUp();
    const open = { ...testQueueItem('a').dataset, id: fakeSummary().id };
    show('held', [testQueueItem('a', { dataset: open }), testQueueItem('b', { dataset: open, failure: 'No.' })]);
    draft.getState().select('baseline', true);
    await training.getState().start();
    expect(training.getState().notice).toBe('The queue goes on; the run that was waiting comes first.');
  });

  it('starts on the dataset of the click as its check leaves it, whatever is opened meanwhile', async () => {
    const check = deferred<Reply<DatasetSummary>>();
    const { enqueued, startQueue, draft, dataset, training } = await setUp(check.promise);
    draft.getState().select('baseline', true);
    await training.getState().start();
    await settleAll();
    expect(enqueued).toHaveLength(1);
    expect(startQueue).not.toHaveBeenCalled();
    expect(training.getState()).toMatchObject({ waitingForCheck: true, active: true });
    await dataset.getState().openSource({ kind: 'files', name: 'other', files: [] });
    check.resolve(ok(fakeSummary({ classCounts: fakeCounts(18, 18) })));
    await settleAll();
    expect(startQueue.mock.calls[0][0].classCounts).toEqual(fakeCounts(18, 18));
    expect(training.getState().waitingForCheck).toBe(false);
  });

  it('says so when the queue cannot be stored', async () => {
    const { draft, training, emit } = await setUp();
    draft.getState().select('baseline', true);
    emit({ type: 'queueFailed', sentence: 'The disk is full.' });
    expect(training.getState().notice).toBe('The disk is full.');
    await training.getState().moveItem('gone', 0);
    expect(training.getState().notice).toBe('Gone.');
  });
});

describe('Train further', () => {
  const ancestor = fakeRecord('old', notebookRecipe('vgg16'), {
    status: 'stopped',
    epochs: [fakeLog(1)],
    bestEpoch: 1,
  });
  const FIELDS = { epochs: 3, batchSize: 8, learningRate: 1e-5 };

  it('queues the ancestor’s recipe with the new numbers; it needs no weights file', async () => {
    const { enqueued, startQueue, training } = await setUp();
    expect(await training.getState().trainFurther(ancestor, 'best', FIELDS)).toBeNull();
    await settleAll();
    const { optimizer } = ancestor.recipe;
    expect(enqueued).toMatchObject([
      {
        ancestor: { runId: 'old', weights: 'best' },
        recipe: { ...ancestor.recipe, epochs: 3, batchSize: 8, optimizer: { ...optimizer, learningRate: 1e-5 } },
        dataset: { id: 'dataset-1' },
      },
    ]);
    expect(startQueue).toHaveBeenCalledTimes(1);
  });

  it('says why not, and queues nothing', async () => {
    const { enqueued, training } = await setUp();
    const further = (record: RunRecord, change = {}) =>
      training.getState().trainFurther(record, 'last', { ...FIELDS, ...change });
    const turned = { ...ancestor, dataset: { ...ancestor.dataset, classNames: ['B', 'A'] } };
    expect(await further(turned)).toEqual([
      'This run of VGG16 tells apart B, A, and xray has the classes A, B. Open a dataset with the same classes in the same order to train it further.',
    ]);
    expect(await further(ancestor, { epochs: 0 })).toEqual(['Epochs must be between 1 and 1,000; 0 is outside.']);
    expect(await further({ ...ancestor, status: 'interrupted' })).toEqual([
      'This run of VGG16 is interrupted and has no last weights to be trained further.',
    ]);
    expect(enqueued).toEqual([]);
  });
});

describe('Stop', () => {
  it('ends the run that is going, and says what waits', async () => {
    const { stopRun, training, show, take, close } = await setUp();
    take('a');
    show('here', [testQueueItem('b'), testQueueItem('c')]);
    await training.getState().stop();
    expect(stopRun).toHaveBeenCalledTimes(1);
    expect(training.getState().stopping).toBe(true);
    expect(training.getState().notice).toMatch(
      /finished are kept\. 2 runs still wait in the queue: once it has ended, Continue queue/,
    );
    close('a', ok(fakeRecord('a', recipe, { status: 'stopped' })));
    show('held', [testQueueItem('b'), testQueueItem('c')]);
    expect(training.getState()).toMatchObject({ active: false, stopping: false, queue: { items: [{}, {}] } });
  });

  it('can be clicked once more while a stopped run is tested', async () => {
    const { stopRun, training, take } = await setUp();
    const progress = take('a');
    await training.getState().stop();
    await training.getState().stop();
    expect(stopRun).toHaveBeenCalledTimes(1);
    progress({ type: 'phaseChanged', phase: 'testing', detail: '' });
    await training.getState().stop();
    expect(stopRun).toHaveBeenCalledTimes(2);
  });

  it('keeps what waits for the check from starting', async () => {
    const check = deferred<Reply<DatasetSummary>>();
    const { startQueue, draft, training } = await setUp(check.promise);
    draft.getState().select('baseline', true);
    await training.getState().start();
    await training.getState().stop();
    check.resolve(ok(fakeSummary()));
    await settleAll();
    expect(startQueue).not.toHaveBeenCalled();
    expect(training.getState()).toMatchObject({ active: false, stopping: false, waitingForCheck: false });

    await training.getState().continueQueue();
    expect(startQueue).toHaveBeenCalledWith(fakeSummary(), true);
  });

  it('comes in time between the click on Train and its start', async () => {
    const { startQueue, draft, training } = await setUp();
    draft.getState().select('baseline', true);
    const accepted = training.getState().start();
    await training.getState().stop();
    await accepted;
    await settleAll();
    expect(startQueue).not.toHaveBeenCalled();
    expect(training.getState().active).toBe(false);
  });
});

describe('what keeps a training from starting', () => {
  it('names every field once', async () => {
    const { enqueued, draft, training } = await setUp();
    draft.getState().select('baseline', true);
    draft.getState().select('densenet121', true);
    draft.getState().setShared({ epochs: 1e9, batchSize: 64 });
    const refusal = await training.getState().start();
    expect(refusal).toHaveLength(2);
    expect(refusal?.[0]).toMatch(/^Epochs must be between/);
    expect(refusal?.[1]).toMatch(/^Batch size 64 is larger than the training set of 40/);
    expect(enqueued).toHaveLength(0);
    expect(training.getState().active).toBe(false);
  });

  it('asks for the file of a transfer network unless random weights are chosen', async () => {
    const { enqueued, draft, training } = await setUp();
    draft.getState().select('vgg16', true);
    draft.getState().setShared({ batchSize: 4 });
    expect((await training.getState().start())?.[0]).toMatch(/vgg16_notop\.h5.*https:\/\/example\.org/);
    draft.getState().setStartFromRandomWeights(true);
    expect(training.getState().refusal).toBeNull();
    expect(await training.getState().start()).toBeNull();
    expect(enqueued[0].recipe.startFromRandomWeights).toBe(true);
  });

  it('says so when no network is chosen', async () => {
    const { training } = await setUp();
    expect(await training.getState().start()).toEqual(['Choose at least one network.']);
  });
});

describe('what the screen follows', () => {
  it('keeps the record of a run in the runs store, and the sentence of one that failed', async () => {
    const { training, runs, take, close } = await setUp();
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
    const { training, runs, emit, close } = await setUp();
    emit({ type: 'runTaken', item: testQueueItem('a') });
    close('a', refused('The GPU is full.'));
    expect(runs.getState().records).toEqual([]);
    expect(training.getState()).toMatchObject({ failures: [], live: { over: true } });
  });

  it('reads the runs again when another tab begins or ends one', async () => {
    const { findGoing, show } = await setUp();
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
      const { training, take } = await setUp();
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
});

it('a run that was stopping when its worker died is over, and the new worker is followed', async () => {
  const { training, startQueue, runs, findGoing, take, show } = await setUp();
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
  const stored = fakeRecord('a', recipe);

  /** Training run `a`, whose item has lost its worker so often already; `b` waits. */
  async function begin(losses: number, records: RunRecord[] = [stored]) {
    const made = await setUp(undefined, records);
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

describe('Continue run', () => {
  const cut = (change: Partial<RunRecord> = {}) => fakeRecord('cut', recipe, { status: 'interrupted', ...change });

  it('puts the run before all that waits and starts the queue, once its dataset is open', async () => {
    const { enqueued, startQueue, training, runs } = await setUp(undefined, [cut()]);
    await runs.getState().refresh();
    expect(await training.getState().continueRun('cut')).toBe(true);
    await settleAll();
    expect(enqueued).toMatchObject([{ id: 'cut', start: 'checkpoint', recipe, dataset: { id: 'dataset-1' } }]);
    expect(enqueued[0].losses).toBeUndefined();
    expect(startQueue).toHaveBeenCalledWith(fakeSummary(), false);
    expect(training.getState()).toMatchObject({ continuing: null, notContinued: null });
  });

  it('says which folder to open when that of the run is not known, and queues nothing', async () => {
    const elsewhere = { ...cut().dataset, id: 'other', name: 'films 2019' };
    const { enqueued, training, runs } = await setUp(undefined, [cut({ dataset: elsewhere })]);
    await runs.getState().refresh();
    expect(await training.getState().continueRun('cut')).toBe(false);
    expect(enqueued).toEqual([]);
    expect(training.getState().notContinued).toMatchObject({
      runId: 'cut',
      sentence: expect.stringMatching(/trained on films 2019, which is not open\. Open the folder films 2019/),
    });
  });

  it.each(['finished', 'stopped', 'running'] as const)('does nothing for a run that is %s', async (status) => {
    const { enqueued, training, runs } = await setUp();
    runs.getState().put(cut({ status }));
    expect(await training.getState().continueRun('cut')).toBe(false);
    expect(enqueued).toEqual([]);
  });
});

it('a run that lost its device and goes on is a notice, no failure; where it goes on is kept', async () => {
  const { training, take, close } = await setUp();
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

it('what was said while another tab trained holds no longer when that has ended', async () => {
  const { draft, training, show } = await setUp();
  draft.getState().select('baseline', true);
  show('elsewhere');
  await training.getState().start();
  expect(training.getState().notice).toMatch(/Another tab is training/);
  show('held', [testQueueItem('a')]);
  expect(training.getState().notice).toBeNull();
});

it('a held run that waits for another dataset does not come first', async () => {
  const { draft, training, show } = await setUp();
  draft.getState().select('baseline', true);
  const other = testQueueItem('a');
  show('held', [{ ...other, dataset: { ...other.dataset, id: 'another' } }]);
  await training.getState().start();
  expect(training.getState().notice).toBeNull();
});
