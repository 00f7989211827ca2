import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import { expectClose, normals, runInPlace, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

interface Case {
  batch: number;
  /** Rows and columns of the whole kernel, and which rows are updated. */
  depth: number;
  columns: number;
  firstRow: number;
  rows: number;
}

const CASES: Record<string, Case> = {
  'a middle part, vectors': { batch: 5, depth: 61, columns: 140, firstRow: 7, rows: 43 },
  'three columns, one sample': { batch: 1, depth: 1001, columns: 3, firstRow: 0, rows: 1001 },
  'four columns': { batch: 3, depth: 90, columns: 4, firstRow: 80, rows: 10 },
  'many samples, odd columns': { batch: 70, depth: 20, columns: 37, firstRow: 3, rows: 17 },
  'more than one band of columns and one part of rows': { batch: 9, depth: 620, columns: 1030, firstRow: 5, rows: 601 },
  'one row of one': { batch: 2, depth: 1, columns: 1, firstRow: 0, rows: 1 },
};

describe.each(Object.entries(CASES))('%s', (_name, { batch, depth, columns, firstRow, rows }) => {
  const x = normals([batch, depth], 1);
  const dy = normals([batch, columns], 2);
  const shape = [rows, columns];
  const start = normals(shape, 3);
  const gradient = Float64Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [firstRow + Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let b = 0; b < batch; b += 1) sum += x[b * depth + row] * dy[b * columns + column];
    return sum;
  });
  const tensors = () => ({
    x: tensorOf(x, [batch, depth]),
    dy: tensorOf(dy, [batch, columns]),
    value: tensorOf(start, shape),
  });

  it('Adam', async () => {
    const [beta1, beta2, learningRate, epsilon, step] = [0.9, 0.999, 0.01, 1e-7, 3];
    const startM = normals(shape, 4);
    const startV = normals(shape, 5).map(Math.abs);
    const inputs = { ...tensors(), m: tensorOf(startM, shape), v: tensorOf(startV, shape) };
    runInPlace('DenseAdamUpdate', inputs, { firstRow, learningRate, beta1, beta2, epsilon, step });
    const m = gradient.map((g, i) => startM[i] + (g - startM[i]) * (1 - beta1));
    const v = gradient.map((g, i) => startV[i] + (g * g - startV[i]) * (1 - beta2));
    const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
    expectClose(await inputs.m.data(), m, 1e-5);
    expectClose(await inputs.v.data(), v, 1e-5);
    const value = Float64Array.from(start, (w, i) => w - (rate * m[i]) / (Math.sqrt(v[i]) + epsilon));
    expectClose(await inputs.value.data(), value, 1e-5);
    tf.dispose(inputs);
  });

  it.each([true, false])('gradient descent, momentum %s', async (withMomentum) => {
    const [momentum, learningRate] = [withMomentum ? 0.9 : 0, 0.01];
    const startVelocity = normals(shape, 4);
    const inputs = { ...tensors(), ...(withMomentum ? { velocity: tensorOf(startVelocity, shape) } : {}) };
    runInPlace('DenseSgdUpdate', inputs, { firstRow, learningRate, momentum });
    const velocity = gradient.map((g, i) => momentum * startVelocity[i] - learningRate * g);
    expectClose(
      await inputs.value.data(),
      velocity.map((moved, i) => start[i] + moved),
      1e-5,
    );
    if (inputs.velocity) expectClose(await inputs.velocity.data(), velocity, 1e-5);
    tf.dispose(inputs);
  });
});
