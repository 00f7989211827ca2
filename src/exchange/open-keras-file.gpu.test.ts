import * as Comlink from 'comlink';
import { afterAll, describe, expect, it } from 'vitest';
import { sizeOf, type WeightName, type WeightSpec } from '../domain/architecture';
import { unwrap } from '../domain/failure';
import type { KerasH5TestApi } from './keras-h5.test-worker';

const worker = new Worker(new URL('./keras-h5.test-worker.ts', import.meta.url), { type: 'module' });
const api = Comlink.wrap<KerasH5TestApi>(worker);

afterAll(() => worker.terminate());

/** The model of e2e/reference/roundtrip_fixtures.py, in Keras' order. */
const SPECS: WeightSpec[] = [
  ...layer('stem', { kernel: [3, 3, 3, 4], bias: [4] }),
  ...layer('conv2d', { kernel: [3, 3, 4, 5] }),
  ...layer('batch_normalization', { beta: [5], moving_mean: [5], moving_variance: [5] }),
  ...layer('conv2d_1', { kernel: [3, 3, 5, 2] }),
  ...layer('batch_normalization_1', { gamma: [2], beta: [2], moving_mean: [2], moving_variance: [2] }),
  ...layer('dense', { kernel: [72, 4], bias: [4] }),
  ...layer('dense_1', { kernel: [4, 3], bias: [3] }),
];

const EXPECTED = SPECS.map(({ shape }, number) =>
  Array.from({ length: sizeOf(shape) }, (_, i) => (((37 * i + 101 * number) % 127) - 63) / 64),
);

const FILES = [
  'keras2-weights.h5',
  'keras2-model.h5',
  'keras2.weights.h5',
  'keras2-model.keras',
  'keras3-model.h5',
  'keras3.weights.h5',
  'keras3-model.keras',
  'keras3-deflated.keras',
];

function layer(name: string, shapes: Partial<Record<WeightName, number[]>>): WeightSpec[] {
  return Object.entries(shapes).map(([weight, shape]) => {
    return { layer: name, name: weight as WeightName, shape, trainable: true };
  });
}

async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(`./fixtures/${name}`, import.meta.url));
  return new Uint8Array(await response.arrayBuffer());
}

async function refusal(bytes: Uint8Array<ArrayBuffer>, fileName: string, specs = SPECS): Promise<string> {
  const outcome = await api.match(bytes, fileName, specs);
  if (outcome.ok) throw new Error('The match was expected to fail');
  expect(outcome.failure.code).toBe('bad-weights');
  return outcome.failure.sentence;
}

describe('openKerasFile', () => {
  it.each(FILES)('reads every weight of %s as Keras wrote it', async (name) => {
    expect(unwrap(await api.match(await fixture(name), name, SPECS))).toEqual(EXPECTED);
  });

  it.each(FILES)('lists in one message all that does not fit in %s', async (name) => {
    const specs = [
      ...SPECS.slice(2, -1).map((spec) => (spec.layer === 'conv2d' ? { ...spec, shape: [5, 5, 4, 5] } : spec)),
      ...layer('extra_bn', { beta: [4], moving_mean: [4], moving_variance: [4] }),
    ];
    const sentence = await refusal(await fixture(name), name, specs);
    expect(sentence).toContain('Layers missing from the file: ');
    expect(sentence).toMatch(/conv2d.* kernel is [0-9x]+, not 5x5x4x5/);
    expect(sentence).toMatch(/Layers that Tiny lacks: .*(stem|conv2d)/);
  });

  it('refuses a zip file that is no Keras model', async () => {
    const bytes = await fixture('keras3-model.keras');
    const at = new TextDecoder('latin1').decode(bytes).lastIndexOf('model.weights.h5');
    bytes.set(new TextEncoder().encode('other'), at);
    expect(await refusal(bytes, 'other.zip')).toContain('there is no model.weights.h5 in it');
  });
});
