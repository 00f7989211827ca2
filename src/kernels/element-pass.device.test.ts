import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEVICE } from './device-test-kit';
import { expectClose, normals, runInPlace, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

// Sizes that do and do not divide into vectors of four, one past 65535 workgroups of vectors.
describe.each([[[1, 3, 5, 1]], [[2, 3, 5, 36]], [[5000, 3400]]])('%j', (shape) => {
  const a = normals(shape, 1);
  const b = normals(shape, 2);

  it('ReluGrad lets through where the output is positive', async () => {
    const y = a.map((value) => Math.max(0, value));
    const inputs = { y: tensorOf(y, shape), dy: tensorOf(b, shape) };
    const [actual] = await runPoisoned([y.length], 'ReluGrad', inputs, {});
    expect(actual.every((value, i) => value === (y[i] > 0 ? b[i] : 0))).toBe(true);
    tf.dispose(inputs);
  });

  it('Relu leaves what is positive, and on the processor NaN', async () => {
    const x = a.with(3, DEVICE === 'processor' ? Number.NaN : 1);
    const inputs = { x: tensorOf(x, shape) };
    const [actual] = await runPoisoned([x.length], 'Relu', inputs, {});
    expect(actual.every((value, i) => Object.is(value, x[i] < 0 ? 0 : x[i]))).toBe(true);
    tf.dispose(inputs);
  });

  it('AddInto adds in place', async () => {
    const inputs = { from: tensorOf(a, shape), into: tensorOf(b, shape) };
    runInPlace('AddInto', inputs, {});
    const sum = await inputs.into.data();
    expect(sum.every((value, i) => value === Math.fround(a[i] + b[i]))).toBe(true);
    tf.dispose(inputs);
  });
});

it.each([1, 30, 64])('MoveStatistics of %i channels', async (channels) => {
  const [movingMean, mean, movingVariance, variance] = [1, 2, 3, 4].map((seed) => normals([channels], seed));
  const inputs = {
    movingMean: tensorOf(movingMean, [channels]),
    movingVariance: tensorOf(movingVariance, [channels]),
    mean: tensorOf(mean, [channels]),
    variance: tensorOf(variance, [channels]),
  };
  runInPlace('MoveStatistics', inputs, { momentum: 0.99 });
  const moved = (old: Float32Array, fresh: Float32Array) =>
    Array.from(old, (value, i) => value * 0.99 + fresh[i] * 0.01);
  expectClose(await inputs.movingMean.data(), moved(movingMean, mean), 1e-6);
  expectClose(await inputs.movingVariance.data(), moved(movingVariance, variance), 1e-6);
  tf.dispose(inputs);
});

it.each([
  [3, 7, 2],
  [32, 96, 64],
  [8, 16, 2],
  [1, 1, 0],
])('CopyChannels: %i channels into %i from %i on', async (channels, wide, first) => {
  const [shape, shapeInto] = [
    [2, 3, 5, channels],
    [2, 3, 5, wide],
  ];
  const [values, before] = [normals(shape, 1), normals(shapeInto, 2)];
  const inputs = { from: tensorOf(values, shape), into: tensorOf(before, shapeInto) };
  runInPlace('CopyChannels', inputs, { first });
  const expected = before.map((value, i) => {
    const channel = (i % wide) - first;
    return channel >= 0 && channel < channels ? values[Math.floor(i / wide) * channels + channel] : value;
  });
  expect(await inputs.into.data()).toEqual(expected);
  tf.dispose(inputs);
});
