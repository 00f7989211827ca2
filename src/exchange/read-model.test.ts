import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import type { InputScaling } from '../domain/input-scaling';
import type { ModelReading } from '../domain/model-reading';
import { NETWORK_IDS, type NetworkId } from '../domain/network';
import { kerasModelOf } from './keras-config';
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

async function refusalOf(change: (model: ModelEntry) => void, id: NetworkId = 'baseline', size = 20): Promise<string> {
  const model = configOf(id, size);
  change(model);
  return readModel(fileOf(model, layersOf(id, size))).then(
    () => 'no refusal',
    (error: Error) => error.message,
  );
}

const set = (name: string, settings: Record<string, unknown>) => (model: ModelEntry) => {
  Object.assign(entryOf(model, name).config, settings);
};
const swap = (name: string, className: string) => (model: ModelEntry) => {
  entryOf(model, name).class_name = className;
};

describe('a whole model that computes something else is refused with layer, found and expected', () => {
  it.each<[string, (model: ModelEntry) => void, string, NetworkId?]>([
    ['activation', set('conv2d', { activation: 'tanh' }), 'conv2d (Conv2D) has activation tanh, expected relu'],
    ['no activation', set('conv2d', { activation: 'linear' }), 'conv2d (Conv2D) has no activation, expected relu'],
    ['padding', set('conv2d', { padding: 'same' }), 'conv2d (Conv2D) has padding same, expected valid'],
    ['strides', set('conv2d', { strides: [2, 2] }), 'conv2d (Conv2D) has strides 2x2, expected 1x1'],
    ['dilation', set('conv2d', { dilation_rate: [2, 2] }), 'has dilation rate 2x2, expected 1x1'],
    ['sigmoid head', set('dense', { activation: 'sigmoid' }), 'dense (Dense) has activation sigmoid, expected softmax'],
    ['logits', set('dense', { activation: 'linear' }), 'dense (Dense) has no activation, expected softmax'],
    [
      'limited relu',
      set('conv2d', { activation: { class_name: 'ReLU', config: { max_value: 6 } } }),
      'relu (at most 6), expected relu',
    ],
    [
      'channels first',
      set('conv2d', { data_format: 'channels_first' }),
      'conv2d (Conv2D) has data format channels_first',
    ],
    [
      'pooling kind',
      swap('block2_pool', 'AveragePooling2D'),
      'found block2_pool (AveragePooling2D), expected block2_pool (MaxPooling2D)',
      'vgg16',
    ],
    [
      'pool size',
      set('block2_pool', { pool_size: [3, 3] }),
      'block2_pool (MaxPooling2D) has pool size 3x3, expected 2x2',
      'vgg16',
    ],
    [
      'global pooling',
      swap('avg_pool', 'GlobalMaxPooling2D'),
      'found avg_pool (GlobalMaxPooling2D), expected avg_pool (GlobalAveragePooling2D)',
      'densenet121',
    ],
    [
      'epsilon',
      set('conv1_bn', { epsilon: 1e-3 }),
      'conv1_bn (BatchNormalization) has epsilon 0.001, expected 0.00001001',
      'densenet121',
    ],
    [
      'gamma',
      set('conv1_bn', { scale: false }),
      'conv1_bn (BatchNormalization) has gamma no, expected yes',
      'densenet121',
    ],
    [
      'lambda',
      (model) => insertAfter(model, 'input_layer', { class_name: 'Lambda', config: { name: 'halve' } }),
      'found halve (Lambda), expected conv2d (Conv2D)',
    ],
    [
      'operation',
      (model) => insertAfter(model, 'input_layer', { class_name: 'TFOpLambda', config: { name: 'tf.math.subtract' } }),
      'found tf.math.subtract (TFOpLambda), expected',
    ],
    [
      'layer between',
      (model) => insertAfter(model, 'block1_conv2', { class_name: 'UpSampling2D', config: { name: 'up' } }),
      'found up (UpSampling2D), expected block1_pool (MaxPooling2D)',
      'vgg16',
    ],
    [
      'not square',
      set('input_layer', { batch_input_shape: [null, 20, 24, 3] }),
      'input_layer (InputLayer) takes images of 20x24x3, expected square ones',
    ],
    [
      'one channel',
      set('input_layer', { batch_input_shape: [null, 20, 20, 1] }),
      'input_layer (InputLayer) takes images of 1 channel (20x20x1), expected height x width x 3',
    ],
    [
      'resizing',
      (model) =>
        insertAfter(model, 'input_layer', {
          class_name: 'Resizing',
          config: { name: 'resize', height: 16, width: 16 },
        }),
      'resize (Resizing) brings images to 16x16',
    ],
  ])('%s', async (_what, change, sentence, id = 'baseline') => {
    const size = id === 'baseline' ? 20 : 32;
    const refusal = await refusalOf(change, id, size);
    expect(refusal).toContain(sentence);
    expect(refusal).toMatch(/^trained\.h5 /);
  });

  describe('layers that act in training when the model predicts', () => {
    /** Keras 2 has the arguments behind the reference, Keras 3 by name. */
    const call = (name: string, training: boolean, version: 2 | 3) => (model: ModelEntry) => {
      const entry = entryOf(model, name);
      const [before] = (entry.inbound_nodes as string[][][])[0];
      const tensor = { class_name: '__keras_tensor__', config: { keras_history: before.slice(0, 3) } };
      entry.inbound_nodes =
        version === 2 ? [[[before[0], 0, 0, { training }]]] : [{ args: [tensor], kwargs: { training } }];
    };
    const dropout = { class_name: 'Dropout', config: { name: 'dropout', rate: 0.5 } };

    it.each([2, 3] as const)('are refused by name: Keras %i', async (version) => {
      const norm = await refusalOf(call('conv1_bn', true, version), 'densenet121', 32);
      expect(norm).toContain('conv1_bn (BatchNormalization) is called with training=True');
      const dropped = await refusalOf((model) => {
        insertAfter(model, 'flatten', dropout);
        call('dropout', true, version)(model);
      });
      expect(dropped).toContain('dropout (Dropout) is called with training=True');
    });

    it.each([2, 3] as const)('inside a model that is called so too: Keras %i', async (version) => {
      const outer = (id: NetworkId, size: number) => {
        const inner = configOf(id, size);
        inner.config.name = 'inner';
        const reference = ['input', 0, 0];
        const tensor = { class_name: '__keras_tensor__', config: { keras_history: reference } };
        const node =
          version === 2 ? [[...reference, { training: true }]] : { args: [tensor], kwargs: { training: true } };
        const input = { class_name: 'InputLayer', config: { name: 'input', batch_input_shape: [null, size, size, 3] } };
        return {
          class_name: 'Functional',
          config: {
            name: 'outer',
            layers: [
              { ...input, name: 'input', inbound_nodes: [] },
              { ...inner, name: 'inner', inbound_nodes: [node] },
            ],
            input_layers: [reference],
            output_layers: [['inner', 1, 0]],
          },
        };
      };
      const inside = (id: NetworkId) => layersOf(id, 32).map((layer) => ({ ...layer, path: ['inner', layer.name] }));
      const dense = fileOf(outer('densenet121', 32), inside('densenet121'));
      await expect(readModel(dense)).rejects.toThrow('conv1_bn (BatchNormalization) is called with training=True');
      // VGG16 has no layer that differs in training.
      const vgg = fileOf(outer('vgg16', 32), inside('vgg16'));
      expect(await readModel(vgg)).toMatchObject({ network: 'vgg16' });
    });

    it('are none where training is off, or BatchNorm is frozen', async () => {
      expect(await refusalOf(call('conv1_bn', false, 3), 'densenet121', 32)).toBe('no refusal');
      const frozen = (model: ModelEntry) => {
        call('conv1_bn', true, 2)(model);
        entryOf(model, 'conv1_bn').config.trainable = false;
      };
      expect(await refusalOf(frozen, 'densenet121', 32)).toBe('no refusal');
    });
  });

  it('a base that differs, though its head fits another size', async () => {
    const model = configOf('baseline', 20);
    set('conv2d', { padding: 'same' })(model);
    const file = fileOf(model, layersOf('baseline', 22));
    await expect(readModel(file)).rejects.toThrow('conv2d (Conv2D) has padding same, expected valid');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['registered, Keras 2', { class_name: 'Mine>Conv2D' }, 'Mine>Conv2D'],
    ['registered, Keras 3', { module: null, registered_name: 'Mine>Conv2D' }, 'Mine>Conv2D'],
    ['not registered', { module: null, registered_name: 'Conv2D' }, 'own>Conv2D'],
    ['of a module', { module: 'mine.layers', registered_name: 'Conv2D' }, 'own>Conv2D'],
  ])("a class of the person's own that is called as one of Keras: %s", async (_what, changes, className) => {
    const sentence = await refusalOf((model) => Object.assign(entryOf(model, 'conv2d'), changes));
    expect(sentence).toContain(`conv2d is of a class of its own (${className})`);
  });

  it.each(['keras.layers', 'keras.src.layers.convolutional', 'tensorflow.python.keras.layers', 'tf_keras.layers'])(
    'not the layers of Keras itself, in the module %s',
    async (module) => {
      const name = (model: ModelEntry) => Object.assign(entryOf(model, 'conv2d'), { module, registered_name: null });
      expect(await refusalOf(name)).toBe('no refusal');
    },
  );

  it('the order of what is joined', async () => {
    const sentence = await refusalOf(
      (model) =>
        entryOf(model, 'mixed0').inbound_nodes?.[0] &&
        (entryOf(model, 'mixed0').inbound_nodes as unknown[][])[0].reverse(),
      'inceptionv3',
      75,
    );
    expect(sentence).toMatch(/^trained\.h5 is not InceptionV3 as it is built here/);
  });

  it.each<[string, unknown, string]>([
    ['a model of its own class', { class_name: 'my>Net', config: { units: 3 } }, 'of a class of its own, my>Net'],
    ['no layers', { class_name: 'Functional', config: { name: 'm' } }, 'a model without a list of layers'],
    ['nothing', {}, 'model without a class'],
    [
      'a loop',
      {
        class_name: 'Functional',
        config: {
          layers: [{ class_name: 'ReLU', config: { name: 'a' }, inbound_nodes: [[['a', 0, 0, {}]]] }],
          output_layers: [['a', 0, 0]],
        },
      },
      'a loop at a',
    ],
    [
      'no end',
      { class_name: 'Functional', config: { layers: [], output_layers: [['gone', 0, 0]] } },
      'a connection to gone',
    ],
  ])('a configuration with %s', async (_what, config, sentence) => {
    await expect(readModel(fileOf(config, layersOf('baseline', 20)))).rejects.toMatchObject({
      code: 'bad-weights',
      message: expect.stringContaining(sentence),
    });
  });
});

describe('layers in front of a model', () => {
  const rescaling = (scale: unknown, offset: unknown): LayerEntry => ({
    class_name: 'Rescaling',
    config: { name: `rescaling_${String(scale)}`, scale, offset },
  });
  const normalization = (settings: Record<string, unknown>): LayerEntry => ({
    class_name: 'Normalization',
    config: { name: 'normalization', axis: [-1], ...settings },
  });

  async function scalingOf(front: LayerEntry[], more: KerasLayer[] = []) {
    const model = configOf('baseline', 20);
    for (const entry of front.toReversed()) insertAfter(model, 'input_layer', entry);
    return (await readModel(fileOf(model, [...layersOf('baseline', 20), ...more]))).inputScaling;
  }

  it('that only augment leave the scaling open', async () => {
    const flip = { class_name: 'RandomFlip', config: { name: 'random_flip' } };
    expect((await scalingOf([flip])).kind).toBe('assumed');
  });

  it('that scale become the scaling, one after another', async () => {
    expect(await scalingOf([rescaling(1 / 255, 0)])).toEqual({
      kind: 'stated',
      scaling: { scale: [1 / 255], offset: [0] },
    });
    const { scaling } = await scalingOf([rescaling(0.25, 1), rescaling([2, 3, 4], -1)]);
    expect(scaling).toEqual({ scale: [0.5, 0.75, 1], offset: [1, 2, 3] });
  });

  it.each<InputScaling>([
    { scale: [1 / 127.5], offset: [-1] },
    { scale: [1], offset: [0] },
    { scale: [0.5, 0.25, 0.125], offset: [1, 2, 3] },
  ])('come back from an exported file: $scale, $offset', async (scaling) => {
    const { config } = kerasModelOf(buildNetwork('baseline', 20, 3), scaling);
    const file = fileOf(JSON.parse(JSON.stringify(config)), layersOf('baseline', 20));
    const reading = await readModel(file);
    expect(reading.inputScaling.kind).toBe('stated');
    for (const key of ['scale', 'offset'] as const) {
      const [found, expected] = [reading.inputScaling.scaling[key], scaling[key]];
      expect(found).toHaveLength(expected.length);
      for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
    }
    expect(matchModel(file, reading, 20).weights).toHaveLength(4);
  });

  it.each<[string, LayerEntry, string]>([
    ['rescale', rescaling(2, -1), 'rescaling_2 (Rescaling) would make -1 to 509 of pixels 0 to 255'],
    [
      'normalise',
      normalization({ mean: [0.5, 0.5, 0.5], variance: [0.0625, 0.0625, 0.0625] }),
      'normalization (Normalization) would make -2 to 1018 of pixels 0 to 255',
    ],
  ])('are refused where they %s pixels that were divided by 255 before', async (_what, entry, sentence) => {
    await expect(scalingOf([entry])).rejects.toThrow(sentence);
  });

  it('are not written for pixels divided by 255', () => {
    const { layers } = kerasModelOf(buildNetwork('baseline', 20, 3), {
      scale: [1 / 255, 1 / 255, 1 / 255],
      offset: [0],
    });
    expect(layers).toHaveLength(4);
  });

  it('that normalise give their numbers, from the configuration or from the file', async () => {
    const expected = { kind: 'stated', scaling: { scale: [0.5, 0.25, 1], offset: [-5, -5, -30] } };
    expect(await scalingOf([normalization({ mean: [10, 20, 30], variance: [4, 16, 1] })])).toEqual(expected);
    const weight = (name: string, values: number[]) => ({
      ...weightOf(name, [3], 0),
      pieces: async function* () {
        yield Float32Array.from(values);
      },
    });
    const adapted = {
      name: 'normalization',
      path: ['normalization'],
      weights: [
        weight('normalization/mean:0', [10, 20, 30]),
        weight('normalization/variance:0', [4, 16, 1]),
        weightOf('normalization/count:0', [], 0),
      ],
    };
    expect(await scalingOf([normalization({ mean: null, variance: null })], [adapted])).toEqual(expected);
    await expect(scalingOf([normalization({})])).rejects.toThrow(
      'normalization (Normalization) has no mean and variance',
    );
  });
});
