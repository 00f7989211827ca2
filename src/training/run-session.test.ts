import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../domain/failure';
import type { PixelSource, RunEvent, RunRequest } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import { keptWeights, type RunRecord } from '../domain/run';
import { parseRunRecord } from '../domain/stored-run';
import { initializeWeights } from '../networks/initialize';
import type { Network } from '../networks/network';
import { RunControl } from './run-control';
import type { RunDependencies } from './run-parts';
import { RunSession } from './run-session';
import { images, pixels, request, session } from './session-test-kit';

beforeEach(async () => {
  await tf.setBackend('cpu');
});

const sgd = (learningRate: number): Recipe['optimizer'] => ({ kind: 'sgd', learningRate, momentum: 0 });

/** Its training loss is lowest in the epoch before the last. */
const RISING = request({ epochs: 7, optimizer: sgd(0.05) });

/** Trains; whenever `isThen` holds, a weight becomes NaN, as an overflow makes it. */
async function train(
  asked: RunRequest,
  isThen: (event: RunEvent) => boolean = () => false,
  change: Partial<RunDependencies> = {},
) {
  const networks: Network[] = [];
  const run = session({
    fillWeights: async (network, { recipe: { seed } }) => {
      initializeWeights(network, seed);
      networks.push(network);
      return 'random';
    },
    ...change,
  });
  const tensorsBefore = tf.memory().numTensors;
  const made = await RunSession.create(asked, run.dependencies, (event) => {
    run.onEvent(event);
    if (!isThen(event)) return;
    const spec = { layer: 'dense', name: 'bias' as const, shape: [2], trainable: true };
    networks[0].loadWeight(spec, Float32Array.of(Number.NaN, 0));
  });
  const record = await made.run(run.control);
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  return { ...run, record };
}

const isPhase = (detail: string) => (event: RunEvent) => event.type === 'phaseChanged' && event.detail === detail;

describe('the test', () => {
  it('is scored only when the GPU has answered for it', async () => {
    let isTesting = false;
    let isLost = false;
    const { record } = await train(
      request({ epochs: 1 }),
      (event) => {
        isTesting ||= event.type === 'phaseChanged' && event.phase === 'testing';
        return false;
      },
      {
        device: {
          ...session().dependencies.device,
          settle: async () => {
            isLost = isTesting;
          },
          check: () => {
            if (isLost) throw new StudioError('gpu-lost', 'The GPU was lost.');
          },
        },
      },
    );
    expect(record).toMatchObject({
      status: 'interrupted',
      failure: 'The GPU was lost.',
      test: { last: null, best: null },
    });
  });
});

describe('the best weights', () => {
  it('are those of the epoch of lowest training loss, kept and tested beside the last', async () => {
    const { record, checkpoints } = await train(RISING);
    const losses = record.epochs.map(({ loss }) => loss);
    expect(losses.indexOf(Math.min(...losses))).toBe(5);
    expect(record.bestEpoch).toBe(6);
    expect(keptWeights(record)).toEqual(['last', 'best']);
    expect(checkpoints.saved.get('run-1/best')?.checkpoint.epoch).toBe(6);
    expect(checkpoints.saved.get('run-1/last')?.checkpoint.epoch).toBe(7);
    // Tested with their own weights: a run of six epochs ends with them.
    const { record: sixEpochs } = await train(request({ ...RISING.recipe, epochs: 6 }));
    expect(record.test.best).toEqual(sixEpochs.test.last);
    expect(record.test.last?.loss).not.toBe(record.test.best?.loss);
  });
});

describe('a run that diverges', () => {
  it('in training: ends with the epoch as measured, and keeps no weights of it', async () => {
    const { record, records, checkpoints } = await train(request({ optimizer: sgd(1e30), epochs: 20 }));
    expect(record.status).toBe('diverged');
    expect(record.failure).toMatch(
      /^The training diverged in epoch 1: the loss of batch \d is (NaN|Infinity)\. .*lower than 1e\+30/,
    );
    expect(record.epochs).toHaveLength(1);
    expect(record.epochs[0]).toMatchObject({ accuracy: Number.NaN, validationLoss: null, validationAccuracy: null });
    expect(Number.isFinite(record.epochs[0].loss)).toBe(false);
    expect(record).toMatchObject({ bestEpoch: null, test: { last: null, best: null } });
    expect(checkpoints.saved.size).toBe(0);
    expect(keptWeights(record)).toEqual([]);
    expect(parseRunRecord(records.at(-1))).toEqual(record);
  });

  it('in validation alone: keeps its curves, and the best weights of the epochs before', async () => {
    const { record, checkpoints, events } = await train(RISING, isPhase('Validation after epoch 3'));
    expect(record.status).toBe('diverged');
    expect(record.failure).toMatch(
      /^The training diverged in epoch 3: its training loss is 0\.\d{4}, but the predictions on the validation images are not finite numbers, first for validation\/0\/3\.png\./,
    );
    expect(record.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(record.epochs[2].loss).toBeGreaterThan(0);
    expect(record.epochs[2]).toMatchObject({ validationLoss: Number.NaN, validationAccuracy: null });
    // The training loss of epoch 3 is the lowest, but its weights predict nothing.
    expect(record.epochs[2].loss).toBeLessThan(record.epochs[1].loss);
    expect(record.bestEpoch).toBe(2);
    expect(checkpoints.saved.get('run-1/best')?.checkpoint.epoch).toBe(2);
    expect(keptWeights(record)).toEqual(['best']);
    expect(record.test.last).toBeNull();
    expect(record.test.best?.loss).toBeGreaterThan(0);
    const epochs = events.filter(({ type }) => type === 'epochEnded');
    expect(epochs).toHaveLength(3);
    expect(epochs[2]).toMatchObject({ bestEpoch: 2 });
  });

  it('by its weights, where no validation would notice: they are not stored', async () => {
    const listImages = async () => ({ ok: true as const, value: images.filter(({ split }) => split !== 'validation') });
    const change = { pixels: { ...pixels, listImages } };
    const { record, checkpoints } = await train(RISING, isPhase('Saving the weights of epoch 2'), change);
    expect(record.status).toBe('diverged');
    expect(record.failure).toMatch(/epoch 2: values of the weight dense\/bias are not finite numbers/);
    expect(record.epochs).toHaveLength(2);
    expect(record.bestEpoch).toBe(1);
    expect(checkpoints.saved.get('run-1/last')?.checkpoint.epoch).toBe(1);
    expect(record.test).toMatchObject({ last: null, best: { loss: expect.any(Number) } });
  });

  it('in the test: the last weights are not scored, the best ones are', async () => {
    const { record } = await train(RISING, isPhase('Testing the last weights'));
    expect(record.status).toBe('diverged');
    expect(record.failure).toMatch(/the last weights, of epoch 7, give no finite predictions on the test images/);
    expect(record.epochs).toHaveLength(7);
    expect(record.test).toMatchObject({ last: null, best: { loss: expect.any(Number) } });
  });

  it('is reported as interrupted when the GPU that computed the numbers was lost', async () => {
    const lost = session();
    const { device } = lost.dependencies;
    const onEvent = ({ type }: RunEvent) => {
      if (type !== 'epochEnded') return;
      device.check = () => {
        throw new StudioError('gpu-lost', 'The GPU was lost.');
      };
    };
    const made = await RunSession.create(request({ optimizer: sgd(1e30) }), lost.dependencies, onEvent);
    const record = await made.run(lost.control);
    expect([record.status, record.failure]).toEqual(['interrupted', 'The GPU was lost.']);
  });
});

describe('early stopping', () => {
  /** Its validation loss rises after the first epochs: the rate is far too high. */
  const STOPPED = request({ epochs: 12, optimizer: sgd(0.4), earlyStopping: { patience: 2 } });

  it('ends the run as finished after the epochs of its patience, with the last weights of that epoch', async () => {
    const { record, checkpoints } = await train(STOPPED);
    const losses = record.epochs.map(({ validationLoss }) => validationLoss ?? 0);
    const lowestEpoch = losses.indexOf(Math.min(...losses)) + 1;
    const epoch = lowestEpoch + 2;
    expect(record).toMatchObject({ status: 'finished', failure: null, stoppedEarly: { epoch, lowestEpoch } });
    expect(record.epochs).toHaveLength(epoch);
    expect(epoch).toBeLessThan(12);
    expect(checkpoints.saved.get('run-1/last')?.checkpoint.epoch).toBe(epoch);
    expect(record.test.last?.loss).toBeGreaterThan(0);
    expect(parseRunRecord(record)).toEqual(record);
  });

  it('leaves a run alone that comes to its end before', async () => {
    const { record } = await train(request({ ...STOPPED.recipe, earlyStopping: { patience: 12 } }));
    expect(record).toMatchObject({ status: 'finished', epochs: { length: 12 } });
    expect(record.stoppedEarly).toBeUndefined();
  });

  it('holds over an interruption: before its end, and between its last epoch and its test', async () => {
    const whole = await train(STOPPED);
    const last = whole.record.epochs.length;
    for (const isCut of [
      (event: RunEvent) => event.type === 'batchEnded' && event.epoch === last,
      isPhase('Testing the last weights'),
    ]) {
      const cut = session();
      const first = await RunSession.create(STOPPED, cut.dependencies, (event) => {
        if (isCut(event)) throw new Error('The page went away.');
      });
      expect(await first.run(cut.control)).toMatchObject({ status: 'failed' });
      const restored = await RunSession.restore(STOPPED, cut.dependencies, cut.onEvent);
      const record = await restored.run(new RunControl());
      expect(record.stoppedEarly).toEqual(whole.record.stoppedEarly);
      expect(record.status).toBe('finished');
      expect(record.epochs.map(({ loss }) => loss)).toEqual(whole.record.epochs.map(({ loss }) => loss));
      expect(record.test).toEqual(whole.record.test);
    }
  });
});

describe('the collapse alert', () => {
  it('speaks while the network predicts one class, in event and record, and ends nothing', async () => {
    // Nothing moves: the weights as they start predict one class, with one loss.
    const { record, events } = await train(request({ epochs: 8, optimizer: sgd(1e-10) }));
    const said = events.flatMap((event) => (event.type === 'epochEnded' ? [event.collapse] : []));
    expect(said.slice(0, 6)).toEqual([null, null, null, null, null, null]);
    expect(said.slice(6)).toEqual([expect.stringMatching(/^For 5 epochs/), expect.stringMatching(/^For 6 epochs/)]);
    expect(record).toMatchObject({ status: 'finished', collapse: said[7] });
    expect(parseRunRecord(record)).toEqual(record);
  });

  it('is silent in a run that learns', async () => {
    const { record, events } = await train(request({ epochs: 8 }));
    expect(events.some((event) => event.type === 'epochEnded' && event.collapse !== null)).toBe(false);
    expect(record.collapse).toBeUndefined();
  });
});

describe('class weights', () => {
  it('of the dataset’s classes reach the loss that is reported, not the validation', async () => {
    const weights = [
      { className: 'DARK', weight: 4 },
      { className: 'BRIGHT', weight: 4 },
    ];
    const still = request({ epochs: 1, optimizer: sgd(1e-10) });
    const [plain, weighted] = [
      await train(still),
      await train(request({ ...still.recipe, classWeights: { kind: 'own', weights } })),
    ];
    const [one, other] = [plain.record.epochs[0], weighted.record.epochs[0]];
    expect(other.loss / one.loss).toBeCloseTo(4, 4);
    expect(other.validationLoss).toBeCloseTo(one.validationLoss ?? 0, 4);
    expect(other.accuracy).toBe(one.accuracy);
  });
});

describe('a record that cannot be stored', () => {
  const refusal = new StudioError('storage', 'Thorax could not store it: the studio was updated in another tab.');

  /** @param isRefused whether a record is refused; counted from 0 */
  async function trainRefused(isRefused: (put: number) => boolean) {
    const stored: RunRecord[] = [];
    let puts = 0;
    const put = async (record: RunRecord) => {
      puts += 1;
      if (isRefused(puts - 1)) throw refusal;
      stored.push(structuredClone(record));
    };
    const update = (record: RunRecord) => put(record).then(() => true);
    const run = await train(request({ epochs: 2 }), undefined, { runs: { put, update } });
    const notStored = run.events.filter(({ type }) => type === 'recordNotStored');
    return { ...run, stored, notStored };
  }

  it('after an epoch ends no run: the person is informed, and the next record has it all', async () => {
    const { record, stored, notStored, checkpoints } = await trainRefused((put) => put === 1);
    expect(record).toMatchObject({ status: 'finished', failure: null });
    expect(stored.map(({ epochs }) => epochs.length)).toEqual([0, 2, 2]);
    expect(notStored).toMatchObject([
      { sentence: expect.stringMatching(/another tab.*goes on.*with the next checkpoint/) },
    ]);
    expect(checkpoints.saved.get('run-1/last')?.checkpoint.epoch).toBe(2);
  });

  it('at the end is tried once more', async () => {
    const { record, stored, notStored } = await trainRefused((put) => put === 3);
    expect(stored.at(-1)).toEqual(record);
    expect(notStored).toEqual([]);
  });

  it('at the end leaves the run as it ended, and says that it is not stored', async () => {
    const { record, notStored, events, dependencies, onEvent } = await trainRefused((put) => put >= 3);
    expect(record).toMatchObject({ status: 'finished', epochs: [{ epoch: 1 }, { epoch: 2 }] });
    expect(notStored).toMatchObject([{ sentence: expect.stringMatching(/another tab.*until this page is closed/) }]);
    expect(events.at(-1)?.type).toBe('runEnded');
    // Its stored record is behind: it can be continued, and only its test is left.
    const { runs } = session().dependencies;
    const restored = await RunSession.restore(request({ epochs: 2 }), { ...dependencies, runs }, onEvent);
    const { test, status } = await restored.run(new RunControl());
    expect({ test, status }).toEqual({ test: record.test, status: 'finished' });
    expect(events.filter(({ type }) => type === 'epochEnded')).toHaveLength(2);
  });

  it('at the start of a run ends it before it trains', async () => {
    await expect(trainRefused(() => true)).rejects.toThrow(refusal.message);
  });
});

it('a run that is deleted while it goes ends with a sentence, and nothing of it is stored again', async () => {
  const records = new Map<string, RunRecord>();
  const { control, checkpoints, dependencies } = session({
    runs: {
      put: async (record) => void records.set(record.id, structuredClone(record)),
      update: async (record) => {
        if (!records.has(record.id)) return false;
        records.set(record.id, structuredClone(record));
        return true;
      },
    },
  });
  const events: RunEvent[] = [];
  const made = await RunSession.create(request({ epochs: 3 }), dependencies, (event) => {
    events.push(event);
    if (event.type === 'epochEnded') records.clear();
  });
  await expect(made.run(control)).rejects.toMatchObject({ code: 'deleted', message: expect.stringMatching(/deleted/) });
  expect(records.size).toBe(0);
  expect(checkpoints.saved.size).toBe(0);
  expect(events.filter(({ type }) => type === 'epochEnded')).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'recordNotStored' || type === 'runEnded')).toEqual([]);
});

describe('a restored run', () => {
  /** What must not depend on having been stopped; times and memory do. */
  const numbersOf = ({ epochs, bestEpoch, test, status }: RunRecord) => ({
    epochs: epochs.map(({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => ({
      epoch,
      loss,
      accuracy,
      validationLoss,
      validationAccuracy,
    })),
    bestEpoch,
    test,
    status,
  });
  const bytesOf = ({ checkpoints }: ReturnType<typeof session>) => ({
    last: checkpoints.saved.get('run-1/last')?.values,
    best: checkpoints.saved.get('run-1/best')?.values,
  });

  it.each([
    ['Adam', request({ epochs: 6 })],
    ['SGD with momentum', request({ epochs: 6, optimizer: { kind: 'sgd', learningRate: 0.02, momentum: 0.9 } })],
    ['plain SGD, whose best epoch is before the last', RISING],
  ])('ends with the curve and the weights of one that was never stopped: %s', async (_name, asked) => {
    const whole = await train(asked);
    for (const stopAfter of [1, asked.recipe.epochs - 1]) {
      const cut = session();
      const first = await RunSession.create(asked, cut.dependencies, (event) => {
        // In the epoch after: what it had done by then is done again.
        if (event.type === 'batchEnded' && event.epoch === stopAfter + 1) cut.control.stop();
      });
      expect(await first.run(cut.control)).toMatchObject({ status: 'stopped' });
      const tensorsBefore = tf.memory().numTensors;
      const restored = await RunSession.restore(asked, cut.dependencies, cut.onEvent);
      const record = await restored.run(new RunControl());
      expect(tf.memory().numTensors).toBe(tensorsBefore);
      expect(numbersOf(record)).toEqual(numbersOf(whole.record));
      expect(bytesOf(cut)).toEqual(bytesOf(whole));
      expect(cut.events.filter(({ type }) => type === 'epochEnded')).toHaveLength(asked.recipe.epochs - stopAfter);
      expect(record.timeMs).toBeGreaterThan(record.epochs.reduce((sum, { timeMs }) => sum + timeMs, 0) * 0.99);
    }
  });

  it('keeps what a callback knew: an epoch worse than the best before the stop is not the best', async () => {
    const cut = session();
    const first = await RunSession.create(RISING, cut.dependencies, (event) => {
      if (event.type === 'batchEnded' && event.epoch === 7) cut.control.stop();
    });
    await first.run(cut.control);
    const restored = await RunSession.restore(RISING, cut.dependencies, cut.onEvent);
    expect((await restored.run(new RunControl())).bestEpoch).toBe(6);
  });

  it('is refused in a sentence on another dataset, another list, without its state and without its slots', async () => {
    const cut = session();
    const asked = request({ epochs: 6 });
    const first = await RunSession.create(asked, cut.dependencies, (event) => {
      if (event.type === 'epochEnded') cut.control.stop();
    });
    await first.run(cut.control);
    const restore = async (change: Partial<RunDependencies>, dataset = asked.dataset) => {
      const tensorsBefore = tf.memory().numTensors;
      try {
        await RunSession.restore({ ...asked, dataset }, { ...cut.dependencies, ...change }, cut.onEvent);
        return null;
      } catch (error) {
        expect(tf.memory().numTensors).toBe(tensorsBefore);
        return error;
      }
    };
    const other = { code: 'bad-input', message: expect.stringMatching(/another state of dots/) };
    expect(await restore({}, { ...asked.dataset, id: 'other' })).toMatchObject(other);
    const listImages = async () => ({ ok: true as const, value: images.toReversed() });
    expect(await restore({ pixels: { ...pixels, listImages } })).toMatchObject(other);
    await cut.checkpoints.keepWeightsOnly('run-1');
    expect(await restore({})).toMatchObject({
      code: 'bad-weights',
      message: expect.stringMatching(/^This run cannot/),
    });
    const stored = cut.checkpoints.saved.get('run-1/last');
    if (stored) stored.checkpoint.state = null;
    expect(await restore({})).toMatchObject({ message: expect.stringMatching(/written by another version/) });
  });

  it('says where it goes on, and when another device computes from there', async () => {
    const cut = session();
    const asked = request({ epochs: 4 });
    const first = await RunSession.create(asked, cut.dependencies, ({ type }) => {
      if (type === 'epochEnded') cut.control.stop();
    });
    await first.run(cut.control);
    const restore = async (device = cut.dependencies.device) => {
      const events: RunEvent[] = [];
      const control = new RunControl();
      const restored = await RunSession.restore(asked, { ...cut.dependencies, device }, (event) => {
        events.push(event);
        if (event.type === 'epochEnded') control.stop();
      });
      const { gpu } = await restored.run(control);
      return { gpu, said: events.find(({ type }) => type === 'runRestored') };
    };
    const here = 'Test (processor)';
    expect(await restore()).toEqual({ gpu: here, said: { type: 'runRestored', epoch: 1, step: 0, notes: [] } });
    const { device } = cut.dependencies;
    const other = await restore({ ...device, status: { ...device.status, adapter: 'Other' } });
    expect(other.gpu).toBe(`${here}, then Other (processor)`);
    expect(other.said).toMatchObject({ epoch: 2, notes: [expect.stringMatching(/^It began on Test .* on Other /)] });
    // What began there counts as the device of the run.
    expect(await restore()).toMatchObject({ gpu: `${here}, then Other (processor), then ${here}` });
  });

  it('begins anew, under its id, where the run was cut off before its first checkpoint', async () => {
    const whole = await train(request());
    const cut = session();
    const restored = await RunSession.restore(request(), cut.dependencies, cut.onEvent);
    expect(numbersOf(await restored.run(new RunControl()))).toEqual(numbersOf(whole.record));
    expect(cut.records[0].id).toBe('run-1');
    expect(cut.events.some(({ type }) => type === 'runRestored')).toBe(false);
  });
});

it('refuses an image whose class the dataset has not, and lets go of the dataset', async () => {
  const run = session();
  const held = new Set<string>();
  const wrong = (classIndex: number): PixelSource => ({
    ...pixels,
    holdDataset: async (_id, holder) => {
      held.add(holder);
      return { ok: true, value: null };
    },
    releaseDataset: async (_id, holder) => {
      held.delete(holder);
      return { ok: true, value: null };
    },
    listImages: async () => ({
      ok: true,
      value: images.map((image, i) => (i === 5 ? { ...image, classIndex } : image)),
    }),
  });
  for (const classIndex of [2, -1, 0.5, Number.NaN]) {
    const dependencies = { ...run.dependencies, pixels: wrong(classIndex) };
    await expect(RunSession.create(request(), dependencies, run.onEvent)).rejects.toMatchObject({
      code: 'bad-input',
      message: `train/1/2.png of dots is labelled with class number ${classIndex}, and there are 2 classes, numbered from 0. Open the dataset again.`,
    });
  }
  expect(held.size).toBe(0);
});

describe('the optimizer’s slots', () => {
  it('are dropped when a run is finished or diverged, and kept when it is stopped or failed', async () => {
    const slotsAfter = async (asked: RunRequest, isThen?: (event: RunEvent) => boolean, stop = false) => {
      const run = session();
      const made = await RunSession.create(asked, run.dependencies, (event) => {
        if (stop && event.type === 'epochEnded') run.control.stop();
        if (isThen?.(event)) throw new Error('The page went away.');
      });
      const { status } = await made.run(run.control);
      return [status, run.checkpoints.saved.get('run-1/last')?.slots !== null];
    };
    expect(await slotsAfter(request())).toEqual(['finished', false]);
    expect(await slotsAfter(request({ epochs: 9 }), undefined, true)).toEqual(['stopped', true]);
    expect(await slotsAfter(request(), isPhase('Validation after epoch 2'))).toEqual(['failed', true]);
    const diverged = await train(request(), isPhase('Validation after epoch 2'));
    expect(diverged.checkpoints.saved.get('run-1/last')?.slots).toBeNull();
  });
});
