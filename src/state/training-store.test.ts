import { describe, expect, it, vi } from 'vitest';
import { countImages, type DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import type { RunEvent, RunRequest, WeightsStatus } from '../domain/protocol';
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

interface StartedRun {
  request: RunRequest;
  emit: (event: RunEvent) => void;
  end: (outcome: Reply<RunRecord>) => void;
}

async function setUp(check: Promise<Reply<DatasetSummary>> = Promise.resolve(ok(fakeSummary()))) {
  const started: StartedRun[] = [];
  const stopRun = vi.fn(async () => ok(null));
  const dataset = createDatasetStore(fakeDatasetApi({ checkDataset: () => check }), {
    remember: async () => undefined,
    recall: async () => null,
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
  const runs = createRunsStore(
    { deleteRun: async () => ok(null) },
    { list: async () => ({ records: [], unreadable: [] }) },
  );
  let ids = 0;
  const training = createTrainingStore({
    api: {
      startRun: (request, emit) => {
        const { promise, resolve } = deferred<Reply<RunRecord>>();
        started.push({ request, emit, end: resolve });
        return promise;
      },
      pauseRun: async () => ok(null),
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
  return { started, stopRun, dataset, draft, runs, training };
}

const finished = ({ request: { runId, recipe } }: StartedRun) =>
  ok(fakeRecord(runId, recipe, { status: 'finished', epochs: [fakeLog(1)] }));

describe('training queue', () => {
  it('trains the networks one after another in their fixed order', async () => {
    const { started, draft, training } = await setUp();
    draft.getState().select('densenet121', true);
    draft.getState().select('baseline', true);
    expect(await training.getState().start()).toBeNull();
    await settleAll();
    expect(started.map(({ request }) => request.recipe.network)).toEqual(['baseline']);
    expect(training.getState().queue.map(({ state }) => state)).toEqual(['running', 'waiting']);

    started[0].end(finished(started[0]));
    await settleAll();
    expect(started.map(({ request }) => request.recipe.network)).toEqual(['baseline', 'densenet121']);
    started[1].end(finished(started[1]));
    await settleAll();
    expect(training.getState()).toMatchObject({ active: false });
    expect(training.getState().queue.map(({ state }) => state)).toEqual(['finished', 'finished']);
  });

  it('answers a second click with a sentence and changes nothing', async () => {
    const { started, draft, training } = await setUp();
    draft.getState().select('baseline', true);
    // Both clicks before anything could be awaited.
    const [first, second] = await Promise.all([training.getState().start(), training.getState().start()]);
    await settleAll();
    expect(first).toBeNull();
    expect(second).toMatchObject({ kind: 'busy' });
    expect(training.getState().refusal?.sentences[0]).toMatch(/already running/);
    expect(started).toHaveLength(1);
    expect(training.getState().queue).toHaveLength(1);
  });

  it('trains on the dataset of the click as its check leaves it, whatever is opened meanwhile', async () => {
    const check = deferred<Reply<DatasetSummary>>();
    const { started, draft, dataset, training } = await setUp(check.promise);
    draft.getState().select('baseline', true);
    await training.getState().start();
    await dataset.getState().openSource({ kind: 'files', name: 'other', files: [] });
    check.resolve(ok(fakeSummary({ classCounts: fakeCounts(18, 18) })));
    await settleAll();
    expect(countImages(started[0].request.dataset, 'train')).toBe(36);
  });

  it('refuses when the check leaves fewer images than a batch', async () => {
    const check = Promise.resolve(ok(fakeSummary({ classCounts: fakeCounts(10, 10) })));
    const { started, draft, training } = await setUp(check);
    draft.getState().select('baseline', true);
    await training.getState().start();
    await settleAll();
    expect(started).toHaveLength(0);
    expect(training.getState().active).toBe(false);
    expect(training.getState().refusal?.sentences[0]).toMatch(/Batch size 32 is larger/);
  });

  it('can be stopped before the first run has begun', async () => {
    const waiting = await setUp(new Promise(() => undefined));
    waiting.draft.getState().select('baseline', true);
    await waiting.training.getState().start();
    await waiting.training.getState().stop();
    await settleAll();
    expect(waiting.training.getState()).toMatchObject({ active: false, stopping: false });

    const early = await setUp();
    early.draft.getState().select('baseline', true);
    const accepted = early.training.getState().start();
    await early.training.getState().stop();
    await accepted;
    await settleAll();
    expect(early.started).toHaveLength(0);
    expect(early.training.getState()).toMatchObject({ active: false, stopping: false });
  });

  it('keeps a click on Train while the last training is stopping', async () => {
    const { started, draft, training } = await setUp();
    draft.getState().select('baseline', true);
    await training.getState().start();
    await settleAll();
    await training.getState().stop();
    const again = training.getState().start();
    await settleAll();
    expect(started).toHaveLength(1);
    expect(training.getState().notice).toMatch(/as soon as/);
    const { runId, recipe } = started[0].request;
    started[0].end(ok(fakeRecord(runId, recipe, { status: 'stopped' })));
    expect(await again).toBeNull();
    await settleAll();
    expect(started).toHaveLength(2);
  });

  it('takes a refusal back when the selection changes', async () => {
    const { draft, training } = await setUp();
    draft.getState().select('vgg16', true);
    await training.getState().start();
    expect(training.getState().refusal?.kind).toBe('invalid');
    draft.getState().select('vgg16', false);
    expect(training.getState().refusal).toBeNull();
  });

  it('goes on after a run that fails and keeps its sentence', async () => {
    const { started, draft, training, runs } = await setUp();
    draft.getState().select('baseline', true);
    draft.getState().select('densenet121', true);
    await training.getState().start();
    await settleAll();
    const { runId, recipe } = started[0].request;
    started[0].emit({ type: 'runStarted', record: fakeRecord(runId, recipe) });
    started[0].end({ ok: false, failure: { code: 'out-of-memory', sentence: 'The GPU is full.', cause: null } });
    await settleAll();
    expect(training.getState().queue[0]).toMatchObject({ state: 'failed', sentence: 'The GPU is full.' });
    expect(started).toHaveLength(2);
    started[1].end(finished(started[1]));
    await settleAll();
    expect(training.getState().queue[1].state).toBe('finished');
    expect(runs.getState().records.some(({ status }) => status === 'running')).toBe(false);
  });

  it('stops the run that is going and clears the queue', async () => {
    const { started, stopRun, draft, training } = await setUp();
    draft.getState().select('baseline', true);
    draft.getState().select('densenet121', true);
    await training.getState().start();
    await settleAll();
    await training.getState().stop();
    expect(stopRun).toHaveBeenCalledTimes(1);
    expect(training.getState().notice).toMatch(/One waiting network was taken off the queue/);
    const { runId, recipe } = started[0].request;
    started[0].end(ok(fakeRecord(runId, recipe, { status: 'stopped' })));
    await settleAll();
    expect(started).toHaveLength(1);
    expect(training.getState().queue.map(({ state }) => state)).toEqual(['stopped', 'dropped']);
    expect(training.getState()).toMatchObject({ active: false, stopping: false });
  });

  it('waits for the check and trains on the checked images', async () => {
    const check = deferred<Reply<DatasetSummary>>();
    const { started, draft, training } = await setUp(check.promise);
    draft.getState().select('baseline', true);
    await training.getState().start();
    await settleAll();
    expect(started).toHaveLength(0);
    expect(training.getState().waitingForCheck).toBe(true);
    check.resolve(ok(fakeSummary({ classCounts: fakeCounts(18, 19) })));
    await settleAll();
    expect(countImages(started[0].request.dataset, 'train')).toBe(37);
  });
});

describe('what keeps a training from starting', () => {
  it('names every field once', async () => {
    const { started, draft, training } = await setUp();
    draft.getState().select('baseline', true);
    draft.getState().select('densenet121', true);
    draft.getState().setShared({ epochs: 1e9, batchSize: 64 });
    const refusal = await training.getState().start();
    expect(refusal?.sentences).toHaveLength(2);
    expect(refusal?.sentences[0]).toMatch(/^Epochs must be between/);
    expect(refusal?.sentences[1]).toMatch(/^Batch size 64 is larger than the training set of 40/);
    expect(started).toHaveLength(0);
    expect(training.getState().active).toBe(false);
  });

  it('asks for the file of a transfer network unless random weights are chosen', async () => {
    const { started, draft, training } = await setUp();
    draft.getState().select('vgg16', true);
    draft.getState().setShared({ batchSize: 4 });
    expect((await training.getState().start())?.sentences[0]).toMatch(/vgg16_notop\.h5.*https:\/\/example\.org/);
    draft.getState().setStartFromRandomWeights(true);
    expect(await training.getState().start()).toBeNull();
    await settleAll();
    expect(started[0].request.recipe.startFromRandomWeights).toBe(true);
  });

  it('says so when no network is chosen', async () => {
    const { training } = await setUp();
    expect((await training.getState().start())?.sentences).toEqual(['Choose at least one network.']);
  });
});

describe('what the screen follows', () => {
  it('hears of batches at most four times a second, and of the last one', async () => {
    vi.useFakeTimers();
    try {
      const { started, draft, training } = await setUp();
      draft.getState().select('baseline', true);
      await training.getState().start();
      await settleAll();
      const [run] = started;
      run.emit({ type: 'runStarted', record: fakeRecord(run.request.runId, run.request.recipe) });
      let updates = 0;
      const stopCounting = training.subscribe(() => {
        updates += 1;
      });
      for (let batch = 1; batch <= 100; batch += 1) {
        run.emit({
          type: 'batchEnded',
          epoch: 1,
          batch,
          batchCount: 100,
          loss: 1,
          accuracy: 0,
          imagesPerSecond: 1,
          gflops: null,
          gpuMemory: null,
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
