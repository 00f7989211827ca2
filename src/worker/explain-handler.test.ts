import * as tf from '@tensorflow/tfjs';
import { beforeEach, expect, it, vi } from 'vitest';
import { StudioError, unwrap } from '../domain/failure';
import type { Device } from './device';
import { request, studio } from './studio-test-kit';

beforeEach(async () => {
  await tf.setBackend('cpu');
});

it('explains with stored weights, is refused while training, and ends with the run’s deletion', async () => {
  const { handler, records, checkpoints, onEvent } = studio();
  const file = new File([], 'film.png');
  const ask = { runId: 'run-1', weights: 'best', file, classIndex: 1 } as const;
  const running = handler.startRun(request(), onEvent);
  expect(await handler.explain(ask)).toMatchObject({ failure: { code: 'busy' } });
  await running;
  const tensorsBefore = tf.memory().numTensors;
  const open = vi.spyOn(checkpoints, 'open');
  const explanation = unwrap(await handler.explain(ask));
  const tensorsHeld = tf.memory().numTensors;
  unwrap(await handler.explain({ ...ask, classIndex: 0 }));
  expect(tf.memory().numTensors).toBe(tensorsHeld);
  expect(open).toHaveBeenCalledTimes(1);
  expect(explanation).toMatchObject({ network: 'baseline', classIndex: 1, classNames: ['BRIGHT', 'DARK'] });
  expect(explanation.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  unwrap(await handler.deleteRun('run-1'));
  expect(records.size).toBe(0);
  expect(await handler.explain(ask)).toMatchObject({ failure: { code: 'not-found' } });
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

it('frees the networks explained before when memory runs out, and tries once more', async () => {
  let refusal: ReturnType<Device['refusal']> = null;
  const { handler, checkpoints, onEvent } = studio({
    refusal: () => refusal,
    forget: () => {
      refusal = null;
    },
    check: () => {
      if (refusal) throw new StudioError('out-of-memory', 'Full.');
    },
  });
  await handler.startRun(request(), onEvent);
  await handler.startRun({ ...request(), runId: 'run-2' }, onEvent);
  const ask = { runId: 'run-1', weights: 'last', file: new File([], 'film.png'), classIndex: 1 } as const;
  unwrap(await handler.explain(ask));
  const tensorsOfOne = tf.memory().numTensors;
  const openRightly = checkpoints.open.bind(checkpoints);
  const open = vi.spyOn(checkpoints, 'open');
  open.mockImplementationOnce((...args) => {
    refusal = { askedBytes: 1, usedBytes: 1 };
    return openRightly(...args);
  });
  expect(unwrap(await handler.explain({ ...ask, runId: 'run-2' })).runId).toBe('run-2');
  expect(open).toHaveBeenCalledTimes(2);
  expect(tf.memory().numTensors).toBe(tensorsOfOne);
});
