import { describe, expect, it } from 'vitest';
import type { StudioError } from '../domain/failure';
import type { ModelReading } from '../domain/model-reading';
import { NETWORK_IDS, type NetworkId } from '../domain/network';
import type { KerasLayer } from './keras-file';
import { readWhole } from './keras-file';
import {
  configOf,
  entryOf,
  fileOf,
  insertAfter,
  type LayerEntry,
  layersOf,
  type ModelEntry,
  weightOf,
} from './keras-model-test-kit';
import { matchModel, readModel } from './read-model';

const SMALL: [NetworkId, number][] = [
  ['baseline', 20],
  ['vgg16', 32],
  ['inceptionv3', 75],
  ['densenet121', 32],
];

const SIZES: [NetworkId, number, ModelReading['inputSize']][] = [
  ['baseline', 48, { kind: 'stated', size: 48 }],
  ['vgg16', 48, { kind: 'asked', min: 32, max: 63 }],
  ['vgg16', 224, { kind: 'asked', min: 224, max: 255 }],
  ['inceptionv3', 299, { kind: 'asked', min: 299, max: 330 }],
  ['densenet121', 64, { kind: 'asked', min: 32, max: 1024 }],
];

describe('a file of weights alone', () => {
  it.each(SIZES)('leaves the input size open where several fit: %s at %i', async (id, size, expected) => {
    const file = fileOf(null, layersOf(id, size));
    const reading = await readModel(file);
    expect(reading).toMatchObject({ network: id, classCount: 3, configuration: 'absent', inputSize: expected });
    expect(matchModel(file, reading, size).weights).not.toHaveLength(0);
  });

  it.each(NETWORK_IDS)('states no scaling of its input: %s', async (id) => {
    const reading = await readModel(fileOf(null, layersOf(id, 96)));
    expect(reading.inputScaling).toEqual({ kind: 'assumed', scaling: { scale: [1 / 255], offset: [0] } });
  });
});

/** Where each weight of the network was found: 0, 1, 2, ... where every one is in its place. */
async function placesOf(config: unknown, layers: KerasLayer[], inputSize: number): Promise<number[]> {
  const file = fileOf(config, layers);
  const reading = await readModel(file);
  expect(reading.inputSize).toEqual({ kind: 'stated', size: inputSize });
  const { weights } = matchModel(file, reading, inputSize);
  return Promise.all(weights.filter(({ spec }) => spec.shape.length === 1).map(async ({ read }) => (await read())[0]));
}

async function expectedPlaces(id: NetworkId, inputSize: number): Promise<number[]> {
  const weights = layersOf(id, inputSize).flatMap((layer) => layer.weights);
  const vectors = weights.filter(({ shape }) => shape.length === 1);
  return Promise.all(vectors.map(async (weight) => (await readWhole(weight))[0]));
}

/** Every layer under another name, in the configuration and in the file. */
function renamed(model: ModelEntry, layers: KerasLayer[], rename: (name: string, place: number) => string) {
  const names = new Map(
    model.config.layers.map(({ config }, i) => [String(config.name), rename(String(config.name), i)]),
  );
  const change = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(change);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
  };
  const settings = model.config.layers.map((layer) => ({
    ...layer,
    name: change(layer.name) as string,
    config: { ...layer.config, name: names.get(String(layer.config.name)) },
    inbound_nodes: change(layer.inbound_nodes) as unknown[],
  }));
  const { input_layers, output_layers } = model.config;
  return {
    config: {
      ...model,
      config: {
        ...model.config,
        layers: settings,
        input_layers: change(input_layers),
        output_layers: change(output_layers),
      },
    },
    layers: layers.map((layer) => {
      const name = names.get(layer.name) ?? layer.name;
      return {
        name,
        path: [name],
        weights: layer.weights.map((w) => ({ ...w, name: w.name.replace(layer.name, name) })),
      };
    }),
  };
}

describe('a whole model finds its weights by its connections', () => {
  it.each(SMALL)('as it is exported: %s', async (id, size) => {
    expect(await placesOf(configOf(id, size), layersOf(id, size), size)).toEqual(await expectedPlaces(id, size));
  });

  it.each(SMALL)('whatever its layers are called: %s', async (id, size) => {
    const [model, layers] = [configOf(id, size), layersOf(id, size)];
    const own = renamed(model, layers, (_name, place) => `mine_${(place * 7919) % 1009}`);
    expect(await placesOf(own.config, own.layers, size)).toEqual(await expectedPlaces(id, size));
    const tf1 = renamed(model, layers, (name) => name.replace('batch_normalization', 'batch_normalization_v1'));
    expect(await placesOf(tf1.config, tf1.layers.toReversed(), size)).toEqual(await expectedPlaces(id, size));
  });

  it.each(SMALL)('as a model inside a model inside a Sequential one: %s', async (id, size) => {
    const inner = configOf(id, size);
    inner.config.name = 'model_1';
    const middle = { class_name: 'Sequential', config: { name: 'middle', layers: [inner as LayerEntry] } };
    const outer = { class_name: 'Sequential', config: { name: 'outer', layers: [middle] } };
    // Layers that learn come first in the group of a model.
    const layers = layersOf(id, size).map((layer) => ({ ...layer, path: ['middle', `model_1/${layer.name}_1`] }));
    expect(await placesOf(outer, layers.toReversed(), size)).toEqual(await expectedPlaces(id, size));
  });

  it.each(SMALL)('counted by class, as Keras 3 stores them: %s', async (id, size) => {
    const [model, counts] = [configOf(id, size), new Map<string, number>()];
    const groups = new Map(
      model.config.layers.map(({ class_name: className, config }) => {
        const kind = className === 'BatchNormalization' ? 'batch_normalization' : className.toLowerCase();
        const count = counts.get(kind) ?? 0;
        counts.set(kind, count + 1);
        return [String(config.name), count === 0 ? kind : `${kind}_${count}`];
      }),
    );
    const layers = layersOf(id, size).map((layer) => ({ ...layer, path: [groups.get(layer.name) ?? ''] }));
    const file = fileOf(
      model,
      layers.toSorted((a, b) => a.path[0].localeCompare(b.path[0])),
      'keras3',
    );
    const { weights } = matchModel(file, await readModel(file), size);
    const vectors = weights.filter(({ spec }) => spec.shape.length === 1);
    expect(await Promise.all(vectors.map(async ({ read }) => (await read())[0]))).toEqual(
      await expectedPlaces(id, size),
    );
  });

  it('with activations as layers, dropout and a flat layer over pooling', async () => {
    const model = configOf('vgg16', 32);
    entryOf(model, 'block1_conv1').config.activation = 'linear';
    insertAfter(model, 'block1_conv1', {
      class_name: 'ReLU',
      config: { name: 're_lu', max_value: null, negative_slope: 0, threshold: 0 },
    });
    insertAfter(model, 'flatten', { class_name: 'Dropout', config: { name: 'dropout', rate: 0.5 } });
    expect(await placesOf(model, layersOf('vgg16', 32), 32)).toEqual(await expectedPlaces('vgg16', 32));
    const dense = configOf('densenet121', 32);
    insertAfter(dense, 'avg_pool', { class_name: 'Flatten', config: { name: 'flatten' } });
    expect(await placesOf(dense, layersOf('densenet121', 32), 32)).toEqual(await expectedPlaces('densenet121', 32));
  });

  it('with the names that Keras 1 used', async () => {
    const model = configOf('baseline', 20);
    Object.assign(entryOf(model, 'conv2d'), { class_name: 'Convolution2D' });
    entryOf(model, 'conv2d').config = {
      name: 'conv2d',
      nb_filter: 11,
      nb_row: 3,
      nb_col: 3,
      border_mode: 'valid',
      subsample: [1, 1],
      dim_ordering: 'tf',
      bias: true,
      activation: 'relu',
    };
    entryOf(model, 'dense').config = { name: 'dense', output_dim: 3, bias: true, activation: 'softmax' };
    expect(await placesOf({ ...model, class_name: 'Model' }, layersOf('baseline', 20), 20)).toHaveLength(2);
  });
});

describe('a configuration that nobody would write', () => {
  const refusal = async (config: unknown) => {
    const reading = readModel(fileOf(config, layersOf('baseline', 20)));
    return await reading.then(
      () => 'read',
      (error: StudioError) => `${error.code}: ${error.message}`,
    );
  };

  it('is refused in few words where a setting is no text, no number and no list of them', async () => {
    const model = configOf('baseline', 20);
    Object.assign(entryOf(model, 'conv2d').config, { kernel_size: { toString: null, valueOf: null } });
    expect(await refusal(model)).toMatch(
      /^bad-weights: trained\.h5 is not Baseline .* kernel size an objectxan object/,
    );
    entryOf(model, 'conv2d').config.kernel_size = [3, new Array(100_000).fill(1)];
    expect((await refusal(model)).length).toBeLessThan(1000);
  });

  it('is refused with the beginning of a name that has no end', async () => {
    const model = configOf('baseline', 20);
    entryOf(model, 'conv2d').class_name = 'x'.repeat(100_000);
    expect((await refusal(model)).length).toBeLessThan(1000);
  });

  it('is refused where it calls a layer so often that following the calls takes more than a stack', async () => {
    const calls = (count: number) => {
      const input = { class_name: 'InputLayer', config: { name: 'in' }, inbound_nodes: [] };
      const inbound = Array.from({ length: count }, (_, i) => [[i === 0 ? 'in' : 'again', Math.max(0, i - 1), 0, {}]]);
      const again = { class_name: 'ReLU', config: { name: 'again' }, inbound_nodes: inbound };
      const config = { name: 'm', layers: [input, again], input_layers: [['in', 0, 0]] };
      return { class_name: 'Functional', config: { ...config, output_layers: [['again', count - 1, 0]] } };
    };
    for (const count of [1000, 2000, 3000, 4000, 6000, 8000, 100_000])
      expect(await refusal(calls(count))).toMatch(/^bad-weights: trained/);
  });

  it('has a scale that is nested deeper than a stack, or statistics of any size', async () => {
    const nested = JSON.parse(`${'['.repeat(50_000)}1${']'.repeat(50_000)}`);
    const inFront = (entry: LayerEntry) => {
      const model = configOf('baseline', 20);
      insertAfter(model, 'input_layer', entry);
      return model;
    };
    const scaled = inFront({ class_name: 'Rescaling', config: { name: 'scaling', scale: nested } });
    expect(await refusal(scaled)).toMatch(/scaling \(Rescaling\) has a scale that is not one number/);
    const file = fileOf(inFront({ class_name: 'Normalization', config: { name: 'norm' } }), [
      { name: 'norm', path: ['norm'], weights: ['mean', 'variance'].map((name) => weightOf(name, [2 ** 40], 1)) },
      ...layersOf('baseline', 20),
    ]);
    await expect(readModel(file)).rejects.toThrow('norm (Normalization) has no mean and variance for each channel');
  });
});
