import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeAll, it } from 'vitest';
import { expectClose, normals, runPoisoned, startBackend, tensorOf } from '../kernel-test-kit';
import { pretendAdapter } from './adapter-kind';
import { limitDispatches } from './implicit-matmul';

beforeAll(startBackend);
afterAll(() => pretendAdapter(null));

it.each(['software', 'hardware'] as const)('takes several dispatches on a %s adapter', async (adapter) => {
  pretendAdapter(adapter);
  limitDispatches((tf.backend() as WebGPUBackend).device, 1e5);
  const [m, n, k] = [300, 90, 20];
  const [a, b] = [normals([m, k], 1), normals([k, n], 2)];
  const expected = Float64Array.from({ length: m * n }, (_, i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    let sum = 0;
    for (let l = 0; l < k; l += 1) sum += a[row * k + l] * b[l * n + column];
    return sum;
  });
  const inputs = { a: tensorOf(a, [m, k]), b: tensorOf(b, [k, n]) };
  const [actual] = await runPoisoned([m * n], 'BatchMatMul', inputs, { transposeA: false, transposeB: false });
  limitDispatches((tf.backend() as WebGPUBackend).device, null);
  expectClose(actual, expected, 1e-5);
  tf.dispose(inputs);
});
