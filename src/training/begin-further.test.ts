import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { RAW_SCALING, UNIT_SCALING } from '../domain/input-scaling';
import type { RunEvent, RunRequest } from '../domain/protocol';
import type { Recipe } from '../domain/recipe';
import type { RunRecord, WeightsKind } from '../domain/run';
import { parseRunRecord } from '../domain/stored-run';
import { RunControl } from './run-control';
import { RunSession } from './run-session';
import { dataset, request, session } from './session-test-kit';

beforeEach(async () => {
  await tf.setBackend('cpu');
});

const sgd = (learningRate: number): Recipe['optimizer'] => ({ kind: 'sgd', learningRate, momentum: 0 });
const MOMENTUM = { kind: 'sgd' as const, learningRate: 0.02, momentum: 0.9 };

/** One browser's stores; each run has its own id. */
function studio() {
  const { dependencies, checkpoints, records } = session();
  const train = async (asked: RunRequest, stopAfter?: number, stopWithin?: number): Promise<RunRecord> => {
    const control = new RunControl();
    const onEvent = (event: RunEvent) => {
      if (event.type === 'epochEnded' && event.log.epoch === stopAfter) control.stop();
      if (event.type === 'batchEnded' && event.epoch === stopWithin && event.batch === 1) control.stop();
    };
    const tensorsBefore = tf.memory().numTensors;
    const made = await RunSession.create(asked, dependencies, onEvent);
    const record = await made.run(control);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    return record;
  };
  const further = (change: Partial<Recipe>, weights: WeightsKind = 'last') =>
    train({ ...request(change), runId: 'run-2', ancestor: { runId: 'run-1', weights } });
  const valuesOf = (runId: string, kind: WeightsKind = 'last') => checkpoints.saved.get(`${runId}/${kind}`)?.values;
  return { dependencies, checkpoints, records, train, further, valuesOf };
}

const curveOf = ({ epochs }: RunRecord) =>
  epochs.map(({ loss, accuracy, validationLoss }) => ({ loss, accuracy, validationLoss }));

describe('a run that is trained further', () => {
  it.each<[string, Recipe['optimizer'], number | undefined]>([
    ['finished, with an optimizer that keeps nothing', sgd(0.05), undefined],
    ['stopped, with its optimizer kept', MOMENTUM, 2],
  ])('ends as one that was asked for all its epochs at once: %s', async (_name, optimizer, stopAfter) => {
    const whole = studio();
    const long = await whole.train(request({ epochs: 6, optimizer }));
    const cut = studio();
    await cut.train(request({ epochs: stopAfter === undefined ? 2 : 6, optimizer }), stopAfter);
    const record = await cut.further({ epochs: 4, optimizer });
    expect(record).toMatchObject({
      id: 'run-2',
      status: 'finished',
      weightsOrigin: 'random',
      ancestor: { runId: 'run-1', weights: 'last', optimizer: 'continued', otherDatasets: [] },
    });
    expect(curveOf(record)).toEqual(curveOf(long).slice(2));
    expect(cut.valuesOf('run-2')).toEqual(whole.valuesOf('run-1'));
    expect(parseRunRecord(record)).toEqual(record);
  });

  it('says so where the optimizer began anew, and draws other images than the ancestor did', async () => {
    const { train, further } = studio();
    const first = await train(request({ epochs: 2, optimizer: MOMENTUM }));
    const record = await further({ epochs: 2, optimizer: { ...MOMENTUM, learningRate: 1e-10 } });
    expect(record.ancestor?.optimizer).toBe('anew');
    // Nothing moves any more: what differs between the epochs is what was drawn.
    const still = await studio().train(request({ epochs: 2, optimizer: sgd(1e-10) }));
    expect(first.epochs[0].loss).not.toBe(still.epochs[1].loss);
    expect(record.epochs[0].loss).not.toBe(record.epochs[1].loss);
  });

  it('from a checkpoint within an epoch leaves that epoch’s order behind', async () => {
    const shuffleOf = ({ checkpoints }: ReturnType<typeof studio>, runId: string) =>
      checkpoints.saved.get(`${runId}/last`)?.checkpoint.state?.position.randomStates.shuffle;
    const whole = studio();
    await whole.train(request({ epochs: 3, optimizer: sgd(0.05) }));
    const cut = studio();
    const often = { everyEpochs: 1, everyMinutes: 0 };
    await cut.train(request({ epochs: 3, optimizer: sgd(0.05), checkpoints: often }), undefined, 2);
    expect(cut.checkpoints.saved.get('run-1/last')?.checkpoint).toMatchObject({ epoch: 1, step: 1 });
    const record = await cut.further({ epochs: 1, optimizer: sgd(0.05) });
    expect(record.ancestor?.optimizer).toBe('continued');
    expect(shuffleOf(cut, 'run-2')).toEqual(shuffleOf(whole, 'run-1'));
  });

  it('begins with the best weights where those are asked for', async () => {
    const { train, further, valuesOf } = studio();
    const { bestEpoch } = await train(request({ epochs: 7, optimizer: sgd(0.05) }));
    expect(bestEpoch).toBe(6);
    await further({ epochs: 1, optimizer: sgd(1e-10) }, 'best');
    const floats = (runId: string, kind: WeightsKind) =>
      [...(valuesOf(runId, kind) ?? [])].flatMap(([, bytes]) => [...new Float32Array(bytes.buffer)]);
    const [best, last, begun] = [floats('run-1', 'best'), floats('run-1', 'last'), floats('run-2', 'last')];
    const gap = (other: number[]) => Math.max(...begun.map((value, i) => Math.abs(value - other[i])));
    expect(gap(best)).toBeLessThan(1e-7);
    expect(gap(last)).toBeGreaterThan(1e-4);
  });

  it('goes on without slots that are damaged', async () => {
    const { train, further, checkpoints } = studio();
    await train(request({ epochs: 4, optimizer: MOMENTUM }), 1);
    const [[key]] = [...(checkpoints.saved.get('run-1/last')?.slots ?? [])].slice(-1);
    checkpoints.saved.get('run-1/last')?.slots?.delete(key);
    expect(await further({ epochs: 1, optimizer: MOMENTUM })).toMatchObject({
      status: 'finished',
      ancestor: { optimizer: 'anew' },
    });
  });

  it('names the other dataset that it has learned from', async () => {
    const { train, records, dependencies } = studio();
    await train(request({ epochs: 1 }));
    const asked = { ...request({ epochs: 1 }), dataset: { ...dataset, id: 'other', name: 'others' } };
    const second = await train({ ...asked, runId: 'run-2', ancestor: { runId: 'run-1', weights: 'last' } });
    expect(second.ancestor?.otherDatasets).toEqual([{ id: 'dots', name: 'dots' }]);
    const back = { ...request({ epochs: 1 }), runId: 'run-3', ancestor: { runId: 'run-2', weights: 'last' as const } };
    const third = await (await RunSession.create(back, dependencies, () => undefined)).run(new RunControl());
    expect(third.ancestor?.otherDatasets).toEqual([{ id: 'other', name: 'others' }]);
    expect(records.at(-1)?.ancestor).toEqual(third.ancestor);
  });

  it('that is cut off before its first checkpoint begins with the ancestor’s weights once more', async () => {
    const changes = { epochs: 2, optimizer: MOMENTUM };
    const whole = studio();
    await whole.train(request(changes));
    const expected = await whole.further(changes);
    const { train, dependencies } = studio();
    await train(request(changes));
    const asked = { ...request(changes), runId: 'run-2', ancestor: { runId: 'run-1', weights: 'last' as const } };
    const cut = await RunSession.create(asked, dependencies, (event) => {
      if (event.type === 'batchEnded') throw new Error('The page went away.');
    });
    await cut.run(new RunControl());
    const restored = await RunSession.restore(asked, dependencies, () => undefined);
    const record = await restored.run(new RunControl());
    expect(curveOf(record)).toEqual(curveOf(expected));
    expect(record.ancestor).toEqual(expected.ancestor);
  });

  it('is refused in a sentence when the ancestor is gone, its weights are, or its classes are others', async () => {
    const { dependencies, checkpoints, train } = studio();
    const begin = async (change: Partial<RunRequest>) => {
      const asked = { ...request({ epochs: 1 }), runId: 'run-2', ...change };
      const tensorsBefore = tf.memory().numTensors;
      const refusal = await RunSession.create(asked, dependencies, () => undefined).catch((error) => error);
      expect(tf.memory().numTensors).toBe(tensorsBefore);
      return `${refusal.code}: ${refusal.message}`;
    };
    const ancestor = { runId: 'run-1', weights: 'last' as const };
    expect(await begin({ ancestor })).toMatch(/^bad-input: The run that this one was to go on from has been deleted/);
    await train(request({ epochs: 1 }));
    const turned = { ...dataset, classNames: ['DARK', 'BRIGHT'] };
    expect(await begin({ ancestor, dataset: turned })).toMatch(
      /^bad-input: .*BRIGHT, DARK, and dots has .*DARK, BRIGHT/,
    );
    const values = checkpoints.saved.get('run-1/last')?.values;
    const [[name, bytes]] = [...(values ?? [])].slice(-1);
    values?.delete(name);
    expect(await begin({ ancestor })).toMatch(/^bad-weights: /);
    values?.set(name, bytes);
    await checkpoints.delete('run-1');
    expect(await begin({ ancestor })).toMatch(/^bad-weights: The last weights of this run are no longer stored/);
  });

  it('keeps the scaling of its input', async () => {
    const validationLoss = async (inputScaling: RunRecord['inputScaling']) => {
      const { train, further, records } = studio();
      const imported = { ...(await train(request({ epochs: 1 }))), inputScaling, scalingAssumed: true };
      records.push(imported);
      const record = await further({ epochs: 1, optimizer: sgd(1e-10) });
      expect(record).toMatchObject({ inputScaling, scalingAssumed: true });
      const [{ loss, validationLoss }] = record.epochs;
      expect(record.test.last?.loss).toBeCloseTo(validationLoss ?? 0, 5);
      return { loss, validationLoss: validationLoss ?? 0 };
    };
    const unit = await validationLoss(UNIT_SCALING);
    const raw = await validationLoss(RAW_SCALING);
    // 255 times the pixels are 255 times the evidence.
    expect(Math.abs(raw.validationLoss / unit.validationLoss - 1)).toBeGreaterThan(0.5);
    expect(Math.abs(raw.loss / unit.loss - 1)).toBeGreaterThan(0.5);
  });
});
