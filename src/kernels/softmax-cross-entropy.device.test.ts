import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

it.each([
  [1, 2, 1],
  [19, 3, 5],
  [70, 7, 100],
])('%i samples of %i classes, logits of scale %i', async (batch, classes, scale) => {
  const values = normals([batch, classes], 1).map((x) => x * scale);
  const labels = Int32Array.from({ length: batch }, (_, i) => (i * 5) % classes);
  const inputs = { logits: tensorOf(values, [batch, classes]), labels: tf.tensor1d(labels, 'int32') };
  const loss: number[] = [];
  const correct: number[] = [];
  const gradient: number[] = [];
  for (let i = 0; i < batch; i += 1) {
    const row = Array.from(values.slice(i * classes, (i + 1) * classes));
    const top = Math.max(...row);
    const sum = row.reduce((total, x) => total + Math.exp(x - top), 0);
    loss.push(Math.log(sum) - (row[labels[i]] - top));
    correct.push(row.indexOf(top) === labels[i] ? 1 : 0);
    gradient.push(...row.map((x, k) => (Math.exp(x - top) / sum - (k === labels[i] ? 1 : 0)) / batch));
  }
  const results = await runPoisoned([batch, batch, batch * classes], 'SoftmaxCrossEntropy', inputs, {});
  expectClose(results[0], loss, 1e-5);
  expectClose(results[1], gradient, 1e-4);
  expect(Array.from(results[2])).toEqual(correct);
  tf.dispose(inputs);
});

it('takes the first of equal logits, and keeps a gradient where the softmax saturates', async () => {
  const inputs = {
    logits: tf.tensor2d([1, 1, 0, 1, 1, 0, 500, -500, 0], [3, 3]),
    labels: tf.tensor1d([0, 1, 1], 'int32'),
  };
  const [loss, gradient, correct] = await runPoisoned([], 'SoftmaxCrossEntropy', inputs, {});
  expect(Array.from(correct)).toEqual([1, 0, 0]);
  expect(loss[2]).toBeCloseTo(1000, 3);
  expect(gradient[6]).toBeCloseTo(1 / 3, 6);
  expect(gradient[7]).toBeCloseTo(-1 / 3, 6);
  tf.dispose(inputs);
});
