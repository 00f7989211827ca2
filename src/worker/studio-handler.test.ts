import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StudioError, unwrap } from '../domain/failure';
import { runLock } from '../domain/lock-names';
import type { QueueEvent, RunEvent } from '../domain/protocol';
import { type NewQueueItem, queuedDataset } from '../domain/queue';
import { accuracyOf } from '../metrics/accuracy';
import { compileNetwork } from '../training/compile-network';
import { dataset, images, pixels, recipe, request, SIZE, studio } from './studio-test-kit';

vi.mock('../training/compile-network', { spy: true });

/** The next run compiles until the returned function is called, or until it is given up. */
function compileSlowly(): () => void {
  let finish = () => {};
  vi.mocked(compileNetwork).mockImplementationOnce((...[, , , , onProgress, signal]) => {
    onProgress(1, 80);
    return new Promise((resolve) => {
      finish = resolve;
      signal.addEventListener('abort', () => resolve());
    });
  });
  return () => finish();
}

const COMPILING = 'Compiling programs for this GPU: 1 of 80';
const isCompiling = (event: RunEvent) => event.type === 'phaseChanged' && event.detail === COMPILING;

beforeEach(async () => {
  await tf.setBackend('cpu');
});

describe('a run', () => {
  it('trains, keeps last and best weights, tests both and leaves no tensor', async () => {
    const { handler, records, predictions, checkpoints, events, onEvent } = studio();
    const tensorsBefore = tf.memory().numTensors;
    const record = unwrap(await handler.startRun(request(), onEvent));
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(record.status).toBe('finished');
    expect(record.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(new Set(record.epochs.map(({ tensorCount }) => tensorCount)).size).toBe(1);
    expect(records.get('run-1')).toEqual(record);
    expect([...checkpoints.saved.keys()].sort()).toEqual(['run-1/best', 'run-1/last']);

    const lowest = record.epochs.reduce((best, log) => (log.loss < best.loss ? log : best));
    expect(record.bestEpoch).toBe(lowest.epoch);
    const { last, best } = predictions.get('run-1') ?? {};
    expect(record.test.last).toEqual({ accuracy: accuracyOf(last ?? []), loss: expect.any(Number), count: 2 });
    expect([last, best]).toEqual([expect.any(Array), expect.any(Array)]);
    expect(events.filter(({ type }) => type === 'batchEnded')).toHaveLength(9);
    expect(events.at(-1)?.type).toBe('runEnded');
  });

  it('holds its dataset from its first image to its last', async () => {
    const { handler, onEvent } = studio();
    const calls = new Set<string>();
    const log = (name: string) => void calls.add(name);
    const hold = vi.spyOn(pixels, 'holdDataset').mockImplementationOnce(async (...call) => {
      log(`hold ${call.join(' ')}`);
      return { ok: true, value: null };
    });
    const read = vi.spyOn(pixels, 'readPixels').mockImplementation(async ({ paths, size }) => {
      log('read');
      return { ok: true, value: { data: new Uint8Array(paths.length * size ** 2 * 3), count: paths.length, size } };
    });
    const release = vi.spyOn(pixels, 'releaseDataset').mockImplementationOnce(async (...call) => {
      log(`release ${call.join(' ')}`);
      return { ok: true, value: null };
    });
    unwrap(await handler.startRun(request({ epochs: 1 }), onEvent));
    for (const spy of [hold, read, release]) spy.mockRestore();
    expect([...calls]).toEqual(['hold dots run-1', 'read', 'release dots run-1']);
  });

  it('pauses and resumes between two batches, and stops', async () => {
    const { handler, events } = studio();
    const running = handler.startRun(request({ epochs: 50 }), (event) => {
      events.push(event);
      if (event.type === 'batchEnded' && event.epoch === 2 && event.batch === 1) void handler.pauseRun();
      if (event.type === 'runPaused') {
        const seen = events.length;
        setTimeout(() => {
          expect(events.length).toBe(seen);
          void handler.resumeRun();
        }, 50);
      }
      if (event.type === 'batchEnded' && event.epoch === 3 && event.batch === 2) void handler.stopRun();
    });
    const record = unwrap(await running);
    const types = events.map(({ type }) => type);
    expect(types.indexOf('runPaused')).toBeLessThan(types.indexOf('runResumed'));
    expect(record.status).toBe('stopped');
    expect(record.epochs).toHaveLength(2);
    expect(record.test.last?.count).toBe(2);
    const last = events.filter(({ type }) => type === 'batchEnded').at(-1);
    expect(last).toMatchObject({ epoch: 3, batch: 2 });
  });

  it('gives the test up at a Stop during it, and still counts as finished', async () => {
    const { handler } = studio();
    const record = unwrap(
      await handler.startRun(request(), (event) => {
        if (event.type === 'phaseChanged' && event.phase === 'testing') void handler.stopRun();
      }),
    );
    expect(record).toMatchObject({ status: 'finished', test: { last: null, best: null } });
  });

  it('sends no batch when stopped before the first', async () => {
    const { handler, events } = studio();
    const record = unwrap(
      await handler.startRun(request(), (event) => {
        events.push(event);
        if (event.type === 'runStarted') void handler.stopRun();
      }),
    );
    expect(record).toMatchObject({ status: 'stopped', epochs: [] });
    expect(events.some(({ type }) => type === 'batchEnded')).toBe(false);
  });

  it('keeps no checkpoint when the GPU reports an error', async () => {
    const { handler, checkpoints, deviceErrors } = studio();
    const record = unwrap(
      await handler.startRun(request(), (event) => {
        if (event.type === 'phaseChanged' && event.phase === 'saving') {
          deviceErrors.push(new StudioError('gpu-lost', 'The GPU was lost.'));
        }
      }),
    );
    expect([record.status, record.failure]).toEqual(['interrupted', 'The GPU was lost.']);
    expect(checkpoints.saved.size).toBe(0);
  });

  it('refuses a second run while one is going, in a sentence', async () => {
    const { handler, onEvent } = studio();
    const first = handler.startRun(request(), onEvent);
    expect(await handler.startRun({ ...request(), runId: 'run-2' }, onEvent)).toMatchObject({
      ok: false,
      failure: { code: 'busy' },
    });
    expect(unwrap(await first).status).toBe('finished');
  });

  it('never starts a transfer network at random by itself', async () => {
    const { handler, records, onEvent } = studio();
    const outcome = await handler.startRun(request({ network: 'vgg16', inputSize: 32 }), onEvent);
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'missing-weights' } });
    expect(!outcome.ok && outcome.failure.sentence).toContain('vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5');
    expect(records.size).toBe(0);
  });

  it('ends as failed with the GPU’s own reason; a full disk does not end it', async () => {
    const lost = studio();
    lost.deviceErrors.push(new StudioError('gpu-lost', 'The GPU was lost.'));
    expect(await lost.handler.startRun(request(), lost.onEvent)).toMatchObject({ failure: { code: 'gpu-lost' } });

    const full = studio();
    full.checkpoints.refuse = () => new StudioError('storage', 'The disk is full.');
    const record = unwrap(await full.handler.startRun(request(), full.onEvent));
    expect([record.status, record.failure]).toEqual(['finished', null]);
  });
});

describe('the queue', () => {
  const queued = (id: string): NewQueueItem => ({
    id,
    recipe: recipe(),
    dataset: queuedDataset(dataset),
    group: null,
    addedAt: 1,
  });

  it('trains what is stored in it; Stop ends the run that is going and keeps the rest', async () => {
    const { handler, records } = studio();
    const closed: string[] = [];
    await handler.watchRuns((event) => {
      if (event.type === 'runClosed') closed.push(event.runId);
      if (event.type !== 'runProgressed' || event.runId !== 'second') return;
      if (event.event.type === 'runStarted') void handler.stopRun();
    });
    unwrap(await handler.enqueueRuns(['first', 'second', 'third'].map(queued)));
    unwrap(await handler.startQueue(dataset, false));
    await expect.poll(() => closed, { timeout: 20_000 }).toEqual(['first', 'second']);
    expect([...records.values()].map(({ id, status }) => [id, status])).toEqual([
      ['first', 'finished'],
      ['second', 'stopped'],
    ]);
    await expect.poll(async () => unwrap(await handler.readQueue())).toMatchObject({ state: 'held' });
    expect(unwrap(await handler.readQueue()).items.map(({ id }) => id)).toEqual(['third']);
    unwrap(await handler.removeQueueItem('third'));
    expect(unwrap(await handler.readQueue()).items).toEqual([]);
  });

  it('keeps a run that goes in another tab from being deleted', async () => {
    const { handler, records, tabs, onEvent } = studio();
    unwrap(await handler.startRun(request(), onEvent));
    const outcome = await tabs.hold(runLock('run-1'), () => handler.deleteRun('run-1'));
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'busy' } });
    expect(!outcome.ok && outcome.failure.sentence).toMatch(/another tab/);
    expect(records.has('run-1')).toBe(true);
    unwrap(await handler.deleteRun('run-1'));
    expect(records.has('run-1')).toBe(false);
  });
});

describe('while programs are compiled', () => {
  const reported = (events: RunEvent[]) =>
    events.map((event) => (event.type === 'phaseChanged' ? event.detail : event.type));

  it('Stop ends the run at once, also when paused, and the next run trains', async () => {
    const { handler, records, events, onEvent } = studio();
    const tensorsBefore = tf.memory().numTensors;
    for (const isPaused of [false, true]) {
      compileSlowly();
      const running = handler.startRun(request(), (event) => {
        events.push(event);
        if (!isCompiling(event)) return;
        if (isPaused) void handler.pauseRun();
        setTimeout(() => void handler.stopRun());
      });
      const record = unwrap(await running);
      expect(record).toMatchObject({ status: 'stopped', epochs: [], test: { last: null, best: null } });
      expect(records.get('run-1')).toEqual(record);
      expect(tf.memory().numTensors).toBe(tensorsBefore);
      expect(reported(events).slice(-2)).toEqual(['', 'runEnded']);
    }
    expect(events.some(({ type }) => type === 'batchEnded')).toBe(false);
    expect(unwrap(await handler.startRun(request(), onEvent)).status).toBe('finished');
  });

  it('Pause is reported at once; compiling goes on, and the first batch waits for Resume', async () => {
    const { handler, events } = studio();
    const finishCompiling = compileSlowly();
    const running = handler.startRun(request(), (event) => {
      events.push(event);
      if (isCompiling(event)) setTimeout(() => void handler.pauseRun());
    });
    const isToldSoon = (type: RunEvent['type']) => expect.poll(() => events.at(-1)?.type, { timeout: 5000 }).toBe(type);
    await isToldSoon('runPaused');
    void handler.resumeRun();
    await isToldSoon('runResumed');
    void handler.pauseRun();
    await isToldSoon('runPaused');
    finishCompiling();
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Compiled, and no batch yet.
    expect(reported(events).slice(-5)).toEqual([COMPILING, 'runPaused', 'runResumed', 'runPaused', '']);
    void handler.resumeRun();
    expect(unwrap(await running).status).toBe('finished');
    const pauses = events.filter(({ type }) => type === 'runPaused' || type === 'runResumed');
    expect(pauses.map(({ type }) => type)).toEqual(['runPaused', 'runResumed', 'runPaused', 'runResumed']);
  });
});

describe('what the device can do', () => {
  it('is measured once, and never while something trains', async () => {
    const measureProduct = vi.fn(async () => 10);
    const { handler, onEvent } = studio({ measureProduct });
    const running = handler.startRun(request(), onEvent);
    expect(unwrap(await handler.measureProduct())).toBeNull();
    unwrap(await running);
    expect(measureProduct).not.toHaveBeenCalled();
    for (let times = 0; times < 2; times += 1) expect(unwrap(await handler.measureProduct())).toBe(10);
    expect(measureProduct).toHaveBeenCalledTimes(1);
  });
});

describe('a run that is trained further', () => {
  const ancestor = { runId: 'run-1', weights: 'last' as const };

  /** Queues a run that goes on from run-1, and reads the queue when its turn is over. */
  async function takeTurn({ handler }: ReturnType<typeof studio>) {
    const events: QueueEvent[] = [];
    unwrap(await handler.watchRuns((event) => void events.push(event)));
    const item = {
      id: 'run-2',
      recipe: request().recipe,
      ancestor,
      dataset: queuedDataset(dataset),
      group: null,
      addedAt: 1,
    };
    unwrap(await handler.enqueueRuns([item]));
    unwrap(await handler.startQueue(dataset, false));
    await vi.waitFor(() => expect(events.some(({ type }) => type === 'runClosed')).toBe(true), 10_000);
    return vi.waitFor(async () => {
      const { items, state } = unwrap(await handler.readQueue());
      expect(state).toBe('held');
      return items;
    });
  }

  it('begins with the stored weights, without the file of a transfer network', async () => {
    const { handler, records, onEvent, ...rest } = studio();
    unwrap(await handler.startRun(request(), onEvent));
    expect(await takeTurn({ handler, records, onEvent, ...rest })).toEqual([]);
    expect(records.get('run-2')).toMatchObject({ status: 'finished', ancestor, weightsOrigin: 'random' });
  });

  it('waits with a sentence when its ancestor was deleted meanwhile, and holds up nothing', async () => {
    const made = studio();
    unwrap(await made.handler.startRun(request(), made.onEvent));
    unwrap(await made.handler.deleteRun('run-1'));
    expect(await takeTurn(made)).toMatchObject([
      { id: 'run-2', failure: expect.stringMatching(/^The run that this one was to go on from has been deleted/) },
    ]);
    expect(made.records.size).toBe(0);
  });
});

it('previews the plain image first, then random transforms that repeat under the same seed', async () => {
  const { handler } = studio();
  const ask = {
    path: images[0].path,
    datasetId: 'dots',
    size: SIZE,
    interpolation: 'nearest',
    augmentation: recipe().augmentation,
    seed: 4,
    count: 3,
  } as const;
  const preview = unwrap(await handler.previewAugmentation(ask));
  expect(preview.count).toBe(4);
  expect(new Set(preview.data.slice(0, SIZE * SIZE * 3))).toEqual(new Set([220]));
  expect(unwrap(await handler.previewAugmentation(ask)).data).toEqual(preview.data);
  expect(unwrap(await handler.previewAugmentation({ ...ask, seed: 5 })).data).not.toEqual(preview.data);
});
