import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLANS, usePlan } from './device-test-kit';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

const EPSILON = 1e-3;
afterAll(() => usePlan(null));

/** [B, H, W, C'] and the channels of it that are the input. */
const CASES: [shape: [number, number, number, number], channels: number][] = [
  [[4, 1, 1, 70], 70],
  [[1, 5, 3, 1], 1],
  [[3, 13, 11, 3], 3],
  [[4, 9, 9, 132], 132],
  [[2, 17, 5, 96], 32],
  [[3, 6, 7, 34], 20],
  [[3, 6, 7, 36], 10],
];

/** Mean and biased variance by channel in float64. */
function momentsOf(x: Float32Array, channels: number): { mean: number[]; variance: number[] } {
  const rows = x.length / channels;
  const mean = new Array<number>(channels).fill(0);
  const variance = new Array<number>(channels).fill(0);
  x.forEach((value, i) => {
    mean[i % channels] += value / rows;
  });
  x.forEach((value, i) => {
    variance[i % channels] += (value - mean[i % channels]) ** 2 / rows;
  });
  return { mean, variance };
}

const PLANNED_CASES = PLANS.flatMap((plan) => CASES.map(([shape, channels]) => [plan, shape, channels] as const));

describe.each(PLANNED_CASES)('%s, %j, %i channels', (plan, shape, channels) => {
  beforeAll(() => usePlan(plan));

  const wide = shape[3];
  const dense = [...shape.slice(0, 3), channels];
  // Far from zero and narrow: a difference of large squares would lose the variance.
  const whole = normals(shape, 1).map((value, i) => value * (1 + (i % wide)) * 0.1 + 30);
  const x = whole.filter((_, i) => i % wide < channels);
  const dy = normals(dense, 2);
  const gamma = normals([channels], 3);
  const beta = normals([channels], 4);
  const { mean, variance } = momentsOf(x, channels);
  const rows = x.length / channels;
  const vector = (values: ArrayLike<number>) => tensorOf(Float32Array.from(values), [channels]);
  const blocks = Math.ceil(rows / 16);
  const sizes = [x.length, channels, 2 * channels, 2 * channels * blocks];
  const viewed = channels === wide ? {} : { channels };

  it('takes mean and variance', async () => {
    const inputs = { x: tensorOf(whole, shape) };
    const [actualMean, actualVariance] = await runPoisoned(sizes, 'BatchNormTrain', inputs, viewed);
    expectClose(actualMean, mean, 1e-6);
    expectClose(actualVariance, variance, 1e-4);
    tf.dispose(inputs);
  });

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('applies them, gamma %s, relu %s', async (withGamma, relu) => {
    const inputs = {
      x: tensorOf(whole, shape),
      mean: vector(mean),
      variance: vector(variance),
      beta: vector(beta),
      ...(withGamma ? { gamma: vector(gamma) } : {}),
    };
    const [actual] = await runPoisoned(sizes, 'BatchNormApply', inputs, { ...viewed, epsilon: EPSILON, relu });
    const expected = Array.from(x, (value, i) => {
      const c = i % channels;
      const y = ((value - mean[c]) / Math.sqrt(variance[c] + EPSILON)) * (withGamma ? gamma[c] : 1) + beta[c];
      return relu ? Math.max(0, y) : y;
    });
    expectClose(actual, expected, 1e-4);
    tf.dispose(inputs);
  });

  it.each([
    [true, true, true, true],
    [true, true, true, false],
    [true, false, false, false],
    [false, true, false, true],
    [false, false, true, false],
  ])('differentiates, training %s, gamma %s, relu %s, added %s', async (training, withGamma, relu, added) => {
    const before = normals(shape, 5);
    const inputs = {
      x: tensorOf(whole, shape),
      dy: tensorOf(dy, dense),
      mean: vector(mean),
      variance: vector(variance),
      beta: vector(beta),
      ...(withGamma ? { gamma: vector(gamma) } : {}),
      ...(added ? { into: tensorOf(before, shape) } : {}),
    };
    const dGamma = new Float64Array(channels);
    const dBeta = new Float64Array(channels);
    const inverse = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + EPSILON));
    const incoming = Float64Array.from(dy, (value, i) => {
      const c = i % channels;
      const y = (x[i] - mean[c]) * inverse[c] * (withGamma ? gamma[c] : 1) + beta[c];
      return relu && y <= 0 ? 0 : value;
    });
    incoming.forEach((value, i) => {
      const c = i % channels;
      dGamma[c] += value * (x[i] - mean[c]) * inverse[c];
      dBeta[c] += value;
    });
    const dx = incoming.map((value, i) => {
      const c = i % channels;
      const scale = inverse[c] * (withGamma ? gamma[c] : 1);
      const statistics = dBeta[c] / rows + ((x[i] - mean[c]) * inverse[c] * dGamma[c]) / rows;
      return scale * (value - (training ? statistics : 0));
    });
    const attributes = { ...viewed, epsilon: EPSILON, training, relu };
    const results = await runPoisoned(sizes, 'BatchNormGrad', inputs, attributes);
    const [actualGamma, actualBeta] = results.slice(-2);
    expectClose(actualGamma, dGamma, 1e-4);
    expectClose(actualBeta, dBeta, 1e-4);
    expect(results.length).toBe(added ? 2 : 3);
    if (inputs.into) {
      const sum = Float64Array.from(before, (value, i) => {
        const c = i % wide;
        return c < channels ? value + dx[Math.floor(i / wide) * channels + c] : value;
      });
      expectClose(await inputs.into.data(), sum, 1e-4);
    } else expectClose(results[0], dx, 1e-4);
    tf.dispose(inputs);
  });
});
