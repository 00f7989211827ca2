import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../domain/failure';
import type { RunEvent, RunRequest } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import { canContinue } from '../domain/recovery';
import { keptWeights, type RunPlace, type RunRecord } from '../domain/run';
import type { Checkpoint } from '../storage/checkpoint-store';
import { RunControl } from './run-control';
import { RunSession } from './run-session';
import { request, session } from './session-test-kit';

beforeEach(async () => {
  await tf.setBackend('cpu');
});

/** Its training loss is lowest in epoch 6 and rises in epoch 7. */
const rising = (change: Partial<Recipe> = {}) =>
  request({ epochs: 7, optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0 }, ...change });

const fullDisk = new StudioError('storage', 'The checkpoint could not be stored: the disk is full.');

type Run = ReturnType<typeof session>;

/** Trains one run, a new one or `run` continued. @returns it with its record, and the place of each save, in order */
async function train(
  asked: RunRequest,
  refuses: (checkpoint: Checkpoint) => boolean = () => false,
  onEvent: (event: RunEvent, control: RunControl) => void = () => undefined,
  run: Run = session(),
) {
  const saves: RunPlace[] = [];
  run.checkpoints.refuse = (checkpoint) => {
    if (refuses(checkpoint)) return fullDisk;
    saves.push({ epoch: checkpoint.epoch, step: checkpoint.step });
    return null;
  };
  const tensorsBefore = tf.memory().numTensors;
  const control = new RunControl();
  const begin = run.records.length > 0 ? RunSession.restore : RunSession.create;
  const made = await begin(asked, run.dependencies, (event) => {
    run.onEvent(event);
    onEvent(event, control);
  });
  const record = await made.run(control);
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  return { ...run, run, record, saves };
}

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

const lowestOf = (losses: number[]) => losses.indexOf(Math.min(...losses)) + 1;

describe('a checkpoint', () => {
  it.each([
    ['Adam', request({ epochs: 3 })],
    ['SGD with momentum', request({ epochs: 3, optimizer: { kind: 'sgd', learningRate: 0.02, momentum: 0.9 } })],
  ])('within an epoch is one to go on from as if nothing had happened: %s', async (_name, asked) => {
    const whole = await train(asked);
    const often = { ...asked, recipe: { ...asked.recipe, checkpoints: { everyEpochs: 1, everyMinutes: 0 } } };
    const cut = await train(
      often,
      () => false,
      (event) => {
        if (event.type === 'batchEnded' && event.epoch === 2 && event.batch === 2)
          throw new Error('The page went away.');
      },
    );
    expect(cut.record.status).toBe('failed');
    expect(cut.saves.at(-1)).toEqual({ epoch: 1, step: 2 });
    expect(cut.record.lastKept).toEqual({ epoch: 1, step: 2 });
    // The stored record speaks of it too.
    expect(cut.records.at(-2)).toMatchObject({ status: 'running', lastKept: { epoch: 1, step: 2 } });
    const restored = await train(asked, undefined, undefined, cut.run);
    expect(restored.events.find(({ type }) => type === 'runRestored')).toMatchObject({ epoch: 1, step: 2 });
    expect(numbersOf(restored.record)).toEqual(numbersOf(whole.record));
    for (const kind of ['last', 'best']) {
      const [a, b] = [restored, whole].map(({ checkpoints }) => checkpoints.saved.get(`run-1/${kind}`)?.values);
      expect(a).toEqual(b);
    }
  });

  it('is written every so many epochs, for the best one and for the last', async () => {
    const checkpoints = { everyEpochs: 3, everyMinutes: 10 };
    // What differs from epoch to epoch is the augmentation alone.
    const optimizer = { kind: 'sgd', learningRate: 1e-20, momentum: 0 } as const;
    const { record, saves } = await train(rising({ checkpoints, optimizer, epochs: 8 }));
    const losses = record.epochs.map(({ loss }) => loss);
    const isLowest = losses.map((loss, index) => loss < Math.min(...losses.slice(0, index), Number.POSITIVE_INFINITY));
    const due = [1, 2, 3, 4, 5, 6, 7, 8].filter((epoch) => epoch % 3 === 0 || epoch === 8 || isLowest[epoch - 1]);
    expect(due.length).toBeLessThan(8);
    expect(saves).toEqual(due.map((epoch) => ({ epoch, step: 0 })));
    expect(record).toMatchObject({ status: 'finished', bestEpoch: lowestOf(losses), lastKept: { epoch: 8, step: 0 } });
    expect(keptWeights(record)).toEqual(['last', 'best']);
  });

  it('of an earlier epoch is what a stopped run is tested with, and its record says so', async () => {
    const checkpoints = { everyEpochs: 100, everyMinutes: 10 };
    const { record } = await train(
      rising({ checkpoints, epochs: 9 }),
      () => false,
      (event, control) => {
        if (event.type === 'batchEnded' && event.epoch === 8) control.stop();
      },
    );
    // Epoch 7 is neither the best nor the last.
    expect(record).toMatchObject({ status: 'stopped', bestEpoch: 6, lastKept: { epoch: 6, step: 0 } });
    expect(record.epochs).toHaveLength(7);
    const sixEpochs = await train(rising({ epochs: 6 }));
    expect(record.test.last).toEqual(sixEpochs.record.test.last);
    expect(record.test.best).toEqual(record.test.last);
  });
});

describe('on a full disk', () => {
  it('the run goes on, is tested with the weights in memory, and says which are kept; continued, it ends as any other', async () => {
    const whole = await train(rising());
    const full = await train(rising(), ({ epoch }) => epoch >= 3);
    const { record, run, saves } = full;
    expect(saves.at(-1)).toEqual({ epoch: 2, step: 0 });
    expect(record).toMatchObject({ status: 'finished', failure: null, lastKept: null, bestEpoch: 2 });
    expect(record.unkeptEpochs).toEqual([3, 4, 5, 6, 7]);
    expect(keptWeights(record)).toEqual(['best']);
    expect(numbersOf(record).epochs).toEqual(numbersOf(whole.record).epochs);
    expect(record.test.last).toEqual(whole.record.test.last);
    const twoEpochs = await train(rising({ epochs: 2 }));
    expect(record.test.best).toEqual(twoEpochs.record.test.last);
    const said = full.events.flatMap((event) => (event.type === 'checkpointNotStored' ? event.sentence : []));
    expect(said[0]).toBe(`${fullDisk.message} The run goes on. Its last checkpoint, after epoch 2, stays.`);
    expect(canContinue(record)).toBe(true);

    const restored = await train(rising(), undefined, undefined, run);
    expect(numbersOf(restored.record)).toEqual(numbersOf(whole.record));
    expect(restored.record.unkeptEpochs).toBeUndefined();
    expect(keptWeights(restored.record)).toEqual(['last', 'best']);
  });

  it('the best weights are the best of those that are kept', async () => {
    const { record } = await train(rising(), ({ epoch }) => epoch === 6);
    const losses = record.epochs.map(({ loss }) => loss);
    expect(lowestOf(losses)).toBe(6);
    expect(record).toMatchObject({ bestEpoch: lowestOf(losses.with(5, Number.POSITIVE_INFINITY)), unkeptEpochs: [6] });
    expect(record.lastKept).toEqual({ epoch: 7, step: 0 });
    expect(record.test.best).not.toBeNull();
  });

  it('the weights of the last epoch are kept where there is room for them alone: they need no slots', async () => {
    const asked = request({ epochs: 2 });
    const { record, checkpoints, events } = await train(asked, ({ epoch, slots }) => epoch === 2 && slots !== null);
    expect(record).toMatchObject({ status: 'finished', lastKept: { epoch: 2, step: 0 } });
    expect(events.some(({ type }) => type === 'checkpointNotStored')).toBe(false);
    expect(record.unkeptEpochs).toBeUndefined();
    expect(checkpoints.saved.get('run-1/last')).toMatchObject({ checkpoint: { epoch: 2 }, slots: null });
    expect(keptWeights(record)).toContain('last');
  });

  it('from the start nothing is kept, and the record says so', async () => {
    const { record, events } = await train(request({ epochs: 2 }), () => true);
    expect(record).toMatchObject({ status: 'finished', lastKept: null, bestEpoch: null, test: { best: null } });
    expect(record.test.last).not.toBeNull();
    expect(keptWeights(record)).toEqual([]);
    const said = events.find((event) => event.type === 'checkpointNotStored');
    expect(said).toMatchObject({ sentence: expect.stringMatching(/Nothing of it is kept yet/) });
  });
});
