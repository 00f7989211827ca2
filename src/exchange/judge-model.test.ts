import { describe, expect, it } from 'vitest';
import type { NetworkId } from '../domain/network';
import { configOf, entryOf, fileOf, insertAfter, layersOf, type ModelEntry } from './keras-model-test-kit';
import { readModel } from './read-model';

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
