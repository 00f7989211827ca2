import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

const EPSILON = 1e-3;
const SHAPES: [number, number, number, number][] = [
  [4, 1, 1, 70],
  [1, 5, 3, 1],
  [3, 13, 11, 3],
  [4, 9, 9, 130],
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

describe.each(SHAPES)('[%i, %i, %i, %i]', (...shape) => {
  const channels = shape[3];
  // Far from zero and narrow: a difference of large squares would lose the variance.
  const x = normals(shape, 1).map((value, i) => value * (1 + (i % channels)) * 0.1 + 30);
  const dy = normals(shape, 2);
  const gamma = normals([channels], 3);
  const beta = normals([channels], 4);
  const { mean, variance } = momentsOf(x, channels);
  const rows = x.length / channels;
  const vector = (values: ArrayLike<number>) => tensorOf(Float32Array.from(values), [channels]);
  const blocks = Math.ceil(rows / Math.max(32, Math.ceil(rows / 256)));
  const sizes = [x.length, channels, channels, 2 * channels * blocks];

  it('takes mean and variance', async () => {
    const inputs = { x: tensorOf(x, shape) };
    const [actualMean, actualVariance] = await runPoisoned(sizes, 'BatchNormTrain', inputs, { epsilon: EPSILON });
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
      x: tensorOf(x, shape),
      mean: vector(mean),
      variance: vector(variance),
      beta: vector(beta),
      ...(withGamma ? { gamma: vector(gamma) } : {}),
    };
    const [actual] = await runPoisoned(sizes, 'BatchNormApply', inputs, { epsilon: EPSILON, relu });
    const expected = Array.from(x, (value, i) => {
      const c = i % channels;
      const y = ((value - mean[c]) / Math.sqrt(variance[c] + EPSILON)) * (withGamma ? gamma[c] : 1) + beta[c];
      return relu ? Math.max(0, y) : y;
    });
    expectClose(actual, expected, 1e-4);
    tf.dispose(inputs);
  });

  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ])('differentiates, training %s, gamma %s, relu %s', async (training, withGamma, relu) => {
    const y = normals(shape, 5).map((value) => Math.max(0, value));
    const inputs = {
      x: tensorOf(x, shape),
      dy: tensorOf(dy, shape),
      mean: vector(mean),
      variance: vector(variance),
      ...(withGamma ? { gamma: vector(gamma) } : {}),
      ...(relu ? { y: tensorOf(y, shape) } : {}),
    };
    const dGamma = new Float64Array(channels);
    const dBeta = new Float64Array(channels);
    const incoming = Float64Array.from(dy, (value, i) => (relu && y[i] <= 0 ? 0 : value));
    const inverse = variance.map((value) => 1 / Math.sqrt(value + EPSILON));
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
    const [actualX, actualGamma, actualBeta] = await runPoisoned(sizes, 'BatchNormGrad', inputs, {
      epsilon: EPSILON,
      training,
      relu,
    });
    expectClose(actualX, dx, 1e-4);
    expectClose(actualGamma, dGamma, 1e-4);
    expectClose(actualBeta, dBeta, 1e-5);
    tf.dispose(inputs);
  });
});
