import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, normals, startBackend, tensorOf } from '../kernel-test-kit';
import { pretendAdapter } from './adapter-kind';
import { LARGE_TILES, setLargeTile } from './staged-tiles';
import { searchTiles } from './tile-search';

const [M, K, N] = [70, 36, 132];
const webgpu = () => tf.backend() as WebGPUBackend;

beforeAll(startBackend);
afterAll(() => {
  pretendAdapter(null);
  setLargeTile(webgpu().device, 0);
});

describe('large tiles', () => {
  it.each([...LARGE_TILES.keys()])('number %i computes every product', { tags: 'long' }, computesEveryProduct);

  async function computesEveryProduct(index: number) {
    pretendAdapter('hardware');
    setLargeTile(webgpu().device, index);
    for (const [transposeA, transposeB] of [
      [false, false],
      [false, true],
      [true, false],
    ]) {
      const [a, b] = [normals([M, K], 1), normals([K, N], 2)];
      const expected = productOf(a, b, [M, K, N]);
      const product = tf.tidy(() => {
        const left = transposeA ? tf.transpose(tensorOf(a, [M, K])) : tensorOf(a, [M, K]);
        const right = transposeB ? tf.transpose(tensorOf(b, [K, N])) : tensorOf(b, [K, N]);
        return tf.matMul(left as tf.Tensor2D, right as tf.Tensor2D, transposeA, transposeB);
      });
      expectClose(await product.data(), expected, 1e-5);
      product.dispose();
    }
  }

  it('give the same bits, whichever of them was found fastest: a long sum is split alike for all', {
    tags: 'long',
  }, async () => {
    pretendAdapter('hardware');
    const [m, k, n] = [70, 2100, 36];
    const [a, b] = [tensorOf(normals([m, k], 3), [m, k]), tensorOf(normals([k, n], 4), [k, n])];
    const results: Float32Array[] = [];
    for (const index of LARGE_TILES.keys()) {
      setLargeTile(webgpu().device, index);
      const product = tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
      results.push(await product.data<'float32'>());
      product.dispose();
    }
    tf.dispose([a, b]);
    for (const result of results) expect(result).toEqual(results[0]);
    expectClose(results[0], productOf(normals([m, k], 3), normals([k, n], 4), [m, k, n]), 1e-5);
  });

  it('are not searched where the processor computes', async () => {
    pretendAdapter('software');
    expect(await searchTiles(webgpu())).toBeNull();
  });
});

/** In float64, row-major `[m, n]`, of `[m, k]` and `[k, n]`. */
function productOf(a: Float32Array, b: Float32Array, [m, k, n]: [number, number, number]): Float64Array {
  return Float64Array.from({ length: m * n }, (_, i) => {
    let sum = 0;
    for (let term = 0; term < k; term += 1) sum += a[Math.floor(i / n) * k + term] * b[term * n + (i % n)];
    return sum;
  });
}
