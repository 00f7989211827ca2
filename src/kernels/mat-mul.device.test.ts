import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LONG_ON_WEBGPU, PLANS, type Plan, usePlan } from './device-test-kit';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);
afterAll(() => usePlan(null));

const SIZES: [m: number, n: number, k: number][] = [
  [4, 300, 500],
  [1, 3, 1000],
  [4, 4, 1000],
  [257, 65, 4],
  [67, 3, 33],
  [130, 70, 17],
  [3, 2, 1],
  [7, 258, 1031],
  [9, 30_001, 3],
  [21, 2051, 66],
];

type Case = readonly [m: number, n: number, k: number, transposedA: number, transposedB: number];

/** One of the four layouts per size, and the other three. */
const layoutOf = (i: number) => i % 4;
const FIRST = SIZES.map(([m, n, k], i): Case => [m, n, k, layoutOf(i) & 1, layoutOf(i) & 2]);
const OTHERS = SIZES.flatMap(([m, n, k], i) =>
  [0, 1, 2, 3].filter((flags) => flags !== layoutOf(i)).map((flags): Case => [m, n, k, flags & 1, flags & 2]),
);

// Every plan, whichever the adapter here would get. The staged one takes long to compile on a software adapter.
for (const plan of PLANS) {
  describe(`as for ${plan}`, { tags: plan === 'hardware' ? ['long'] : [] }, () => {
    computesProducts(plan, FIRST);
    if (plan !== 'hardware') describe('every layout', LONG_ON_WEBGPU, () => computesProducts(plan, OTHERS));
  });
}

function computesProducts(plan: Plan, cases: Case[]) {
  beforeAll(() => usePlan(plan));

  it.each(cases)('[%i, ., .] x [., %i], sum of %i, transposed %i %i', async (m, n, k, flagA, flagB) => {
    const [transposeA, transposeB] = [flagA !== 0, flagB !== 0];
    const a = normals([m, k], 1);
    const b = normals([k, n], 2);
    const bias = normals([n], 3);
    const expected = new Float64Array(m * n);
    for (let i = 0; i < m; i += 1)
      for (let j = 0; j < n; j += 1) {
        let sum = bias[j];
        for (let l = 0; l < k; l += 1)
          sum += a[transposeA ? l * m + i : i * k + l] * b[transposeB ? j * k + l : l * n + j];
        expected[i * n + j] = Math.max(0, sum);
      }
    const inputs = {
      a: tensorOf(a, transposeA ? [k, m] : [m, k]),
      b: tensorOf(b, transposeB ? [n, k] : [k, n]),
      bias: tensorOf(bias, [n]),
    };
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8].map((count) => count * m * n);
    const [actual] = await runPoisoned(sizes, '_FusedMatMul', inputs, { transposeA, transposeB, activation: 'relu' });
    expectClose(actual, expected, 1e-5);
    tf.dispose(inputs);
  });
}

it('leaves batches of products to the stock kernel', async () => {
  const a = tensorOf(normals([2, 3, 4], 1), [2, 3, 4]);
  const b = tensorOf(normals([2, 4, 5], 2), [2, 4, 5]);
  const product = tf.matMul(a, b);
  expect(product.shape).toEqual([2, 3, 5]);
  tf.dispose([a, b, product]);
});
