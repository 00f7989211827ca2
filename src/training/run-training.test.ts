import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../domain/failure';
import type { RunEvent, RunRequest } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import { keptWeights, type RunRecord } from '../domain/run';
import { parseRunRecord } from '../domain/stored-run';
import { initializeWeights } from '../networks/initialize';
import type { Network } from '../networks/network';
import { type RunDependencies, runTraining } from './run-training';
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
  const record = await runTraining(asked, run.dependencies, run.control, (event) => {
    run.onEvent(event);
    if (!isThen(event)) return;
    const spec = { layer: 'dense', name: 'bias' as const, shape: [2], trainable: true };
    networks[0].loadWeight(spec, Float32Array.of(Number.NaN, 0));
  });
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  return { ...run, record };
}

const isPhase = (detail: string) => (event: RunEvent) => event.type === 'phaseChanged' && event.detail === detail;

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

  it('is told as failed when the GPU that read the numbers has failed', async () => {
    const lost = session();
    const { gpu } = lost.dependencies;
    const onEvent = ({ type }: RunEvent) => {
      if (type !== 'epochEnded') return;
      gpu.check = () => {
        throw new StudioError('gpu-lost', 'The GPU was lost.');
      };
    };
    const record = await runTraining(request({ optimizer: sgd(1e30) }), lost.dependencies, lost.control, onEvent);
    expect([record.status, record.failure]).toEqual(['failed', 'The GPU was lost.']);
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
    const run = await train(request({ epochs: 2 }), undefined, { runs: { put } });
    const notStored = run.events.filter(({ type }) => type === 'recordNotStored');
    return { ...run, stored, notStored };
  }

  it('after an epoch ends no run: the person is informed, and the next record has it all', async () => {
    const { record, stored, notStored, checkpoints } = await trainRefused((put) => put === 1);
    expect(record).toMatchObject({ status: 'finished', failure: null });
    expect(stored.map(({ epochs }) => epochs.length)).toEqual([0, 2, 2]);
    expect(notStored).toMatchObject([{ sentence: expect.stringMatching(/another tab.*goes on.*weights are stored/) }]);
    expect(checkpoints.saved.get('run-1/last')?.checkpoint.epoch).toBe(2);
  });

  it('at the end is tried once more', async () => {
    const { record, stored, notStored } = await trainRefused((put) => put === 3);
    expect(stored.at(-1)).toEqual(record);
    expect(notStored).toEqual([]);
  });

  it('at the end leaves the run as it ended, and says that it is not stored', async () => {
    const { record, notStored, events } = await trainRefused((put) => put >= 3);
    expect(record).toMatchObject({ status: 'finished', epochs: [{ epoch: 1 }, { epoch: 2 }] });
    expect(notStored).toMatchObject([{ sentence: expect.stringMatching(/another tab.*until this page is closed/) }]);
    expect(events.at(-1)?.type).toBe('runEnded');
  });

  it('at its beginning begins no run', async () => {
    await expect(trainRefused(() => true)).rejects.toThrow(refusal.message);
  });
});
