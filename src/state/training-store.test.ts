import { describe, expect, it } from 'vitest';
import type { DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import { testQueueItem } from '../domain/queue-test-kit';
import { notebookRecipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { deferred, fakeCounts, fakeLog, fakeRecord, fakeSummary, settleAll } from './fakes';
import { ok, setUpTraining } from './training-test-kit';

const recipe = testQueueItem('any').recipe;

describe('Train', () => {
  it('queues the selected networks in their fixed order for the open dataset, and starts', async () => {
    const { enqueued, startQueue, draft, training } = await setUpTraining();
    draft.getState().select('densenet121', true);
    draft.getState().select('baseline', true);
    expect(await training.getState().start()).toBeNull();
    await settleAll();
    expect(enqueued.map(({ recipe }) => recipe.network)).toEqual(['baseline', 'densenet121']);
    expect(enqueued[0].dataset).toEqual({ id: 'dataset-1', name: 'xray', synthetic: false });
    expect(startQueue).toHaveBeenCalledWith(fakeSummary(), false);
  });

  it('adds to the queue while a run is going', async () => {
    const { enqueued, draft, training, take } = await setUpTraining();
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
    const { enqueued, draft, training } = await setUpTraining();
    draft.getState().select('baseline', true);
    await Promise.all([training.getState().start(), training.getState().start()]);
    expect(enqueued).toHaveLength(1);
  });

  it('says which runs come first when others were waiting', async () => {
    const { draft, training, show } = await setUpTraining();
    const open = { ...testQueueItem('a').dataset, id: fakeSummary().id };
    show('held', [testQueueItem('a', { dataset: open }), testQueueItem('b', { dataset: open, failure: 'No.' })]);
    draft.getState().select('baseline', true);
    await training.getState().start();
    expect(training.getState().notice).toBe('The queue goes on; the run that was waiting comes first.');
  });

  it('starts on the dataset of the click as its check leaves it, whatever is opened meanwhile', async () => {
    const check = deferred<Reply<DatasetSummary>>();
    const { enqueued, startQueue, draft, dataset, training } = await setUpTraining(check.promise);
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
    const { draft, training, emit } = await setUpTraining();
    draft.getState().select('baseline', true);
    emit({ type: 'queueFailed', sentence: 'The disk is full.' });
    expect(training.getState().notice).toBe('The disk is full.');
    await training.getState().moveItem('gone', 0);
    expect(training.getState().notice).toBe('Gone.');
  });

  it('what was said while another tab trained holds no longer when that has ended', async () => {
    const { draft, training, show } = await setUpTraining();
    draft.getState().select('baseline', true);
    show('elsewhere');
    await training.getState().start();
    expect(training.getState().notice).toMatch(/Another tab is training/);
    show('held', [testQueueItem('a')]);
    expect(training.getState().notice).toBeNull();
  });

  it('a held run that waits for another dataset does not come first', async () => {
    const { draft, training, show } = await setUpTraining();
    draft.getState().select('baseline', true);
    const other = testQueueItem('a');
    show('held', [{ ...other, dataset: { ...other.dataset, id: 'another' } }]);
    await training.getState().start();
    expect(training.getState().notice).toBeNull();
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
    const { enqueued, startQueue, training } = await setUpTraining();
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
    const { enqueued, training } = await setUpTraining();
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

describe('Continue run', () => {
  const cut = (change: Partial<RunRecord> = {}) => fakeRecord('cut', recipe, { status: 'interrupted', ...change });

  it('puts the run before all that waits and starts the queue, once its dataset is open', async () => {
    const { enqueued, startQueue, training, runs } = await setUpTraining(undefined, [cut()]);
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
    const { enqueued, training, runs } = await setUpTraining(undefined, [cut({ dataset: elsewhere })]);
    await runs.getState().refresh();
    expect(await training.getState().continueRun('cut')).toBe(false);
    expect(enqueued).toEqual([]);
    expect(training.getState().notContinued).toMatchObject({
      runId: 'cut',
      sentence: expect.stringMatching(/trained on films 2019, which is not open\. Open the folder films 2019/),
    });
  });

  it.each(['finished', 'stopped', 'running'] as const)('does nothing for a run that is %s', async (status) => {
    const { enqueued, training, runs } = await setUpTraining();
    runs.getState().put(cut({ status }));
    expect(await training.getState().continueRun('cut')).toBe(false);
    expect(enqueued).toEqual([]);
  });
});

describe('Stop', () => {
  it('ends the run that is going, and says what waits', async () => {
    const { stopRun, training, show, take, close } = await setUpTraining();
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
    const { stopRun, training, take } = await setUpTraining();
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
    const { startQueue, draft, training } = await setUpTraining(check.promise);
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
    const { startQueue, draft, training } = await setUpTraining();
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
    const { enqueued, draft, training } = await setUpTraining();
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
    const { enqueued, draft, training } = await setUpTraining();
    draft.getState().select('vgg16', true);
    draft.getState().setShared({ batchSize: 4 });
    expect((await training.getState().start())?.[0]).toMatch(/vgg16_notop\.h5.*https:\/\/example\.org/);
    draft.getState().setStartFromRandomWeights(true);
    expect(training.getState().refusal).toBeNull();
    expect(await training.getState().start()).toBeNull();
    expect(enqueued[0].recipe.startFromRandomWeights).toBe(true);
  });

  it('says so when no network is chosen', async () => {
    const { training } = await setUpTraining();
    expect(await training.getState().start()).toEqual(['Choose at least one network.']);
  });
});
