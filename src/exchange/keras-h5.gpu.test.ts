import * as Comlink from 'comlink';
import { afterAll, describe, expect, it } from 'vitest';
import { unwrap } from '../domain/failure';
import type { Fixture, KerasH5TestApi } from './keras-h5.test-worker';

const worker = new Worker(new URL('./keras-h5.test-worker.ts', import.meta.url), { type: 'module' });
const api = Comlink.wrap<KerasH5TestApi>(worker);

afterAll(() => worker.terminate());

const KERNEL = { name: 'conv_1/kernel:0', shape: [1, 2, 1, 3], values: [1, -2, 0.5, 4, 5, 6] };
const BIAS = { name: 'conv_1/bias:0', shape: [3], values: [0.25, 0, -1] };
const FIXTURE: Fixture = {
  layers: [
    { name: 'input_1', weights: [] },
    { name: 'conv', weights: [KERNEL, BIAS] },
    { name: 'block/bn', weights: [{ name: 'block/bn/beta:0', shape: [2], values: [7, 8] }] },
  ],
};

const roundTrip = async (fixture: Fixture) => api.read(await api.build(fixture));

describe('openKerasFile, the layout of Keras 2', () => {
  it.each<[string, Partial<Fixture>]>([
    ['as save_weights writes it', {}],
    ['with strings of variable length', { variableStrings: true }],
    ['with lists in chunks', { chunkLength: 1 }],
    ['inside a whole model', { nested: true, extraGroups: ['optimizer_weights'] }],
  ])('reads a file %s', async (_, more) => {
    expect(unwrap(await roundTrip({ ...FIXTURE, ...more }))).toEqual(FIXTURE.layers);
  });

  it('reads doubles and compressed numbers as float32', async () => {
    const weights = [
      { ...KERNEL, dtype: '<f8' as const },
      { name: 'gamma', shape: [64], values: Array.from({ length: 64 }, (_, i) => i), compressed: true },
    ];
    const [layer] = unwrap(await roundTrip({ layers: [{ name: 'conv', weights }] }));
    expect(layer.weights.map(({ values }) => values)).toEqual(weights.map(({ values }) => values));
  });

  it('refuses by name what is no Keras weights file', async () => {
    const sentence = async (fixture: Fixture) => {
      const outcome = await roundTrip(fixture);
      return outcome.ok ? null : `${outcome.failure.code}: ${outcome.failure.sentence}`;
    };
    const bare: Fixture = { layers: [], withoutLayerNames: true };
    expect(await sentence(bare)).toMatch(/^bad-weights: dropped\.h5 .* no list of layers/);
    expect(await sentence({ ...FIXTURE, withoutData: true })).toMatch(/^bad-weights: dropped\.h5 is damaged: .*kernel/);
    const integers = { layers: [{ name: 'conv', weights: [{ ...KERNEL, dtype: '<i4' as const }] }] };
    expect(await sentence(integers)).toMatch(/^bad-weights: dropped\.h5 .*kernel.*floating-point/);
  });
});
