import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, normals, runInPlace, startBackend, tensorOf } from './kernel-test-kit';

beforeAll(startBackend);

// Sizes that do and do not divide into vectors of four.
const SHAPES = [
  [37, 29],
  [36, 29],
];

describe.each(SHAPES)('AdamUpdate of [%i, %i]', (...shape) => {
  const attributes = { learningRate: 2e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

  it("follows Keras' Adam over several steps, in place", async () => {
    const start = normals(shape, 1);
    const value = tensorOf(start, shape);
    const m = tf.zeros(shape);
    const v = tf.zeros(shape);
    const [w, m64, v64] = [Float64Array.from(start), new Float64Array(start.length), new Float64Array(start.length)];
    for (let step = 1; step <= 4; step += 1) {
      const g = normals(shape, 10 + step).map((x) => x * 1e-3);
      const gradient = tensorOf(g, shape);
      runInPlace('AdamUpdate', { value, gradient, m, v }, { ...attributes, step });
      gradient.dispose();
      const rate = (attributes.learningRate * Math.sqrt(1 - attributes.beta2 ** step)) / (1 - attributes.beta1 ** step);
      g.forEach((x, i) => {
        m64[i] += (x - m64[i]) * (1 - attributes.beta1);
        v64[i] += (x * x - v64[i]) * (1 - attributes.beta2);
        w[i] -= (rate * m64[i]) / (Math.sqrt(v64[i]) + attributes.epsilon);
      });
    }
    const moved = (await value.data()).map((x, i) => x - start[i]);
    expectClose(
      moved,
      w.map((x, i) => x - start[i]),
      1e-3,
    );
    expectClose(await m.data(), m64, 1e-5);
    expectClose(await v.data(), v64, 1e-5);
    tf.dispose([value, m, v]);
  });

  it('is seen by a read after one that came before it or was still under way', async () => {
    const value = tensorOf(normals(shape, 1), shape);
    const gradient = tf.ones(shape);
    const [m, v] = [tf.zeros(shape), tf.zeros(shape)];
    runInPlace('AdamUpdate', { value, gradient, m, v }, { ...attributes, step: 1 });
    const first = Float32Array.from(await value.data());
    const pending = value.data();
    runInPlace('AdamUpdate', { value, gradient, m, v }, { ...attributes, step: 2 });
    expect(Float32Array.from(await pending)).toEqual(first);
    const second = await value.data();
    expect(second[0]).toBeLessThan(first[0]);
    tf.dispose([value, gradient, m, v]);
  });
});

describe.each(SHAPES)('SgdUpdate of [%i, %i]', (...shape) => {
  it.each([true, false])("follows Keras' SGD, momentum %s", async (withMomentum) => {
    const momentum = withMomentum ? 0.9 : 0;
    const learningRate = 0.01;
    const start = normals(shape, 1);
    const value = tensorOf(start, shape);
    const velocity = tf.zeros(shape);
    const w = Float64Array.from(start);
    const moving = new Float64Array(start.length);
    for (let step = 0; step < 3; step += 1) {
      const g = normals(shape, 20 + step);
      const gradient = tensorOf(g, shape);
      runInPlace('SgdUpdate', { value, gradient, ...(withMomentum ? { velocity } : {}) }, { learningRate, momentum });
      gradient.dispose();
      g.forEach((x, i) => {
        moving[i] = momentum * moving[i] - learningRate * x;
        w[i] += moving[i];
      });
    }
    expectClose(await value.data(), w, 1e-6);
    if (withMomentum) expectClose(await velocity.data(), moving, 1e-5);
    tf.dispose([value, velocity]);
  });
});

describe.each([
  ['vectors of four', [64, 12, 400, 4]],
  ['odd sizes', [1, 70, 33, 128]],
])('several weights at once, %s', (_name, sizes) => {
  /** The same tensors twice: for single updates and for the one. */
  const copies = (count: number, names: string[]) =>
    [0, 1].map(() =>
      sizes.slice(0, count).map((size, i) =>
        Object.fromEntries(
          names.map((name, seed) => {
            const values = normals([size], 10 * i + seed);
            return [name, tensorOf(name === 'v' ? values.map(Math.abs) : values, [size])];
          }),
        ),
      ),
    );

  it.each([
    ['AdamUpdate', 2, ['value', 'gradient', 'm', 'v']],
    ['AdamUpdate', 1, ['value', 'gradient', 'm', 'v']],
    ['SgdUpdate', 4, ['value', 'gradient']],
    ['SgdUpdate', 3, ['value', 'gradient']],
    ['SgdUpdate', 2, ['value', 'gradient', 'velocity']],
  ])('%s of %i', async (name, count, names) => {
    const [single, together] = copies(count, names);
    const attributes = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step: 2, momentum: 0.9 };
    for (const inputs of single) runInPlace(name, inputs, attributes);
    const numbered = together.flatMap((inputs, i) => Object.entries(inputs).map(([key, tensor]) => [key + i, tensor]));
    runInPlace(`${name}Many`, Object.fromEntries(numbered), attributes);
    for (const [i, inputs] of single.entries())
      for (const key of names) expect(await together[i][key].data()).toEqual(await inputs[key].data());
    tf.dispose([single, together]);
  });
});
