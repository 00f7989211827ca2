import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { PLANS, usePlan } from './device-test-kit';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

afterAll(() => usePlan(null));

describe.each(PLANS)('as for %s', (plan) => {
  beforeAll(() => usePlan(plan));

  it.each([[[4, 3]], [[1, 200]], [[3, 17, 19, 5]], [[2, 90, 90, 66]], [[2, 90, 9, 68]]])(
    'sums %j to its last axis',
    async (shape) => {
      const channels = shape[shape.length - 1];
      const dy = normals(shape, 1);
      const expected = new Float64Array(channels);
      dy.forEach((value, i) => {
        expected[i % channels] += value;
      });
      const inputs = { dy: tensorOf(dy, shape) };
      const rows = dy.length / channels;
      const most = plan === 'software' ? 64 : 2048;
      const blocks = Math.ceil(rows / Math.max(16, Math.ceil(rows / most)));
      const [actual] = await runPoisoned([channels, channels * blocks], 'BiasGrad', inputs, {});
      expectClose(actual, expected, 1e-5);
      tf.dispose(inputs);
    },
  );
});
