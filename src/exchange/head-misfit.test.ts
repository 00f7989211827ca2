import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import type { NetworkId } from '../domain/network';
import type { KerasLayer, KerasWeightsFile } from './keras-file';
import { configOf, fileOf, layersOf, type ModelEntry, weightOf } from './keras-model-test-kit';
import { readModel } from './read-model';

const dense = (name: string, input: number, units: number): KerasLayer => ({
  name,
  path: [name],
  weights: [weightOf('kernel:0', [input, units], 0), weightOf('bias:0', [units], 0)],
});

const batchNorm = (name: string, width: number): KerasLayer => ({
  name,
  path: [name],
  weights: ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((weight) => weightOf(`${weight}:0`, [width], 0)),
});

/** A whole model: the base of one of the networks, and these layers on it; pooled where its configuration is there. */
function modelOf(id: NetworkId, onTop: KerasLayer[], inputSize: number | null = null): KerasWeightsFile {
  const base = new Set(
    buildNetwork(id, 224, 3)
      .layers.filter(({ part }) => part === 'base')
      .map(({ name }) => name),
  );
  const layers = layersOf(id, inputSize ?? 224).filter(({ name }) => base.has(name));
  return fileOf(inputSize && pooledConfig(id, base, onTop, inputSize), [...layers, ...onTop]);
}

function pooledConfig(id: NetworkId, base: Set<string>, onTop: KerasLayer[], inputSize: number): ModelEntry {
  const model = configOf(id, inputSize);
  model.config.layers = model.config.layers.filter(({ config }) => base.has(String(config.name)));
  const entries = [
    { class_name: 'GlobalAveragePooling2D', config: { name: 'pooled' } },
    ...onTop.map(({ name, weights }, place) => ({
      class_name: weights.length === 2 ? 'Dense' : 'BatchNormalization',
      config: { name, units: weights[0].shape[1], activation: place === onTop.length - 1 ? 'softmax' : 'relu' },
    })),
  ];
  for (const entry of entries) {
    const before = String(model.config.layers.at(-1)?.config.name);
    model.config.layers.push({ ...entry, inbound_nodes: [[[before, 0, 0, {}]]] });
  }
  model.config.output_layers = [[String(entries.at(-1)?.config.name), 0, 0]];
  return model;
}

async function refusal(file: KerasWeightsFile): Promise<string> {
  try {
    await readModel(file);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'fits';
}

describe('a model with another head', () => {
  it('of one dense layer on global pooling is refused with what is expected and where its base can be used', async () => {
    expect(await refusal(modelOf('vgg16', [dense('dense', 512, 3)], 224))).toBe(
      'trained.h5 is VGG16 with another head. Found on its base: 1 dense layer (512 → 3). Expected: Flatten and 3 dense ' +
        'layers (25,088 → 4,096 → 4,096 → one output per class, softmax), at 224 px. Drop the file under “Pretrained ' +
        'weights” on the Train screen: its base is used and such a head is trained on it. Or build this head in Keras, ' +
        'train it and drop that model here.',
    );
    expect(await refusal(modelOf('inceptionv3', [dense('predictions', 2048, 3)], 299))).toMatch(
      /is InceptionV3 with another head\. Found on its base: 1 dense layer \(2,048 → 3\)\. Expected: Flatten and 2 dense/,
    );
  });

  it('is refused with the network’s own size where the file states none', async () => {
    expect(await refusal(modelOf('vgg16', [dense('dense', 512, 3)]))).toContain('(25,088 → 4,096');
  });

  it('is described when it is missing, of one output, or normalised', async () => {
    expect(await refusal(modelOf('vgg16', []))).toMatch(
      /is VGG16 without its head\. Found on its base: no dense layer\./,
    );
    const single = modelOf('vgg16', [dense('dense', 512, 1)]);
    expect(await refusal(single)).toMatch(
      /\(512 → 1\).* One output is too few for softmax: even two classes need two\./,
    );
    const normalised = modelOf('vgg16', [batchNorm('my_norm', 512), dense('dense', 512, 3)]);
    expect(await refusal(normalised)).toContain('Found on its base: 1 dense layer (512 → 3), and my_norm.');
  });

  it('of a network without a weights file is not sent to the weights panel', async () => {
    const sentence = await refusal(modelOf('densenet121', [dense('a', 1024, 64), dense('b', 64, 3)]));
    expect(sentence).toContain('Found on its base: 2 dense layers (1,024 → 64 → 3). Expected: GlobalAveragePooling2D');
    expect(sentence).toContain('1 dense layer (1,024 → one output per class, softmax).');
    expect(sentence).toMatch(/or train DenseNet121 on the Train screen\.$/);
  });

  it('is not mistaken for the model of a smaller input where the file states its input', async () => {
    const head = [dense('a', 512, 4096), dense('b', 4096, 4096), dense('c', 4096, 3)];
    expect(await refusal(modelOf('vgg16', head, 224))).toContain('3 dense layers (512 → 4,096 → 4,096 → 3)');
    // A file of weights alone leaves that open: 512 numbers are VGG16's at 32 pixels too.
    expect((await readModel(modelOf('vgg16', head))).inputSize).toEqual({ kind: 'asked', min: 32, max: 63 });
  });
});

it('says nothing of the head where it fits, nor where the base does not', async () => {
  const head = [dense('a', 25_088, 4096), dense('b', 4096, 4096), dense('c', 4096, 3)];
  expect(await refusal(modelOf('vgg16', head))).toBe('fits');
  const other = modelOf('vgg16', [dense('a', 512, 3)]);
  other.layers.splice(3, 2);
  expect(await refusal(other)).toBe('fits');
});
