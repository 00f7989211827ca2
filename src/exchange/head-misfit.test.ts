import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import type { NetworkId } from '../domain/network';
import { identifyModel } from './identify-model';
import type { KerasLayer, KerasWeightsFile } from './keras-file';

const dense = (name: string, input: number, units: number): KerasLayer => ({
  name,
  weights: [
    { name: 'kernel:0', shape: [input, units], pieces: async function* () {} },
    { name: 'bias:0', shape: [units], pieces: async function* () {} },
  ],
});

const batchNorm = (name: string, width: number): KerasLayer => ({
  name,
  weights: ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((weight) => ({
    name: `${weight}:0`,
    shape: [width],
    pieces: async function* () {},
  })),
});

/** A whole model: the base of one of the networks, and these layers on it. */
function modelOf(id: NetworkId, onTop: KerasLayer[], inputSize: number | null = null): KerasWeightsFile {
  const base = buildNetwork(id, inputSize ?? 224, 3).layers.filter(({ part }) => part === 'base');
  const layers = base.map(({ name, weights }) => ({
    name,
    weights: weights.map(({ name: weight, shape }) => ({
      name: `${name}/${weight}:0`,
      shape,
      pieces: async function* () {},
    })),
  }));
  const config = inputSize && { config: { layers: [{ batch_input_shape: [null, inputSize, inputSize, 3] }] } };
  return { fileName: 'trained.h5', layers: [...layers, ...onTop], namedBy: 'layer', config, close: () => undefined };
}

function refusal(file: KerasWeightsFile): string {
  try {
    identifyModel(file);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'fits';
}

describe('a model with another head', () => {
  it('of one dense layer on global pooling is told what is expected and where it can go', () => {
    expect(refusal(modelOf('vgg16', [dense('dense', 512, 3)], 224))).toBe(
      'trained.h5 is VGG16 with another head. Found on its base: 1 dense layer (512 → 3). Expected: Flatten and 3 dense ' +
        'layers (25,088 → 4,096 → 4,096 → one output per class, softmax), at 224 px. Drop the file under “Pretrained ' +
        'weights” on the Train screen: its base is used and such a head is trained on it. Or build this head in Keras, ' +
        'train it and drop that model here.',
    );
    expect(refusal(modelOf('inceptionv3', [dense('predictions', 2048, 3)], 299))).toMatch(
      /is InceptionV3 with another head\. Found on its base: 1 dense layer \(2,048 → 3\)\. Expected: Flatten and 2 dense/,
    );
  });

  it('is told of the network’s own size where the file tells none', () => {
    expect(refusal(modelOf('vgg16', [dense('dense', 512, 3)]))).toContain('(25,088 → 4,096');
  });

  it('that is missing, of one output, or normalised is told as that', () => {
    expect(refusal(modelOf('vgg16', []))).toMatch(/is VGG16 without its head\. Found on its base: no dense layer\./);
    const single = modelOf('vgg16', [dense('dense', 512, 1)]);
    expect(refusal(single)).toMatch(/\(512 → 1\).* One output is too few for softmax: even two classes need two\./);
    const normalised = modelOf('vgg16', [batchNorm('my_norm', 512), dense('dense', 512, 3)]);
    expect(refusal(normalised)).toContain('Found on its base: 1 dense layer (512 → 3), and my_norm.');
  });

  it('of a network without a weights file is not sent to the weights panel', () => {
    const sentence = refusal(modelOf('densenet121', [dense('a', 1024, 64), dense('b', 64, 3)]));
    expect(sentence).toContain('Found on its base: 2 dense layers (1,024 → 64 → 3). Expected: GlobalAveragePooling2D');
    expect(sentence).toContain('1 dense layer (1,024 → one output per class, softmax).');
    expect(sentence).toMatch(/or train DenseNet121 on the Train screen\.$/);
  });

  it('is not taken for the model of a smaller input where the file tells the input', () => {
    const head = [dense('a', 512, 4096), dense('b', 4096, 4096), dense('c', 4096, 3)];
    expect(refusal(modelOf('vgg16', head, 224))).toContain('3 dense layers (512 → 4,096 → 4,096 → 3)');
    // What a file of weights alone does not tell: 512 numbers are VGG16's at 32 pixels.
    expect(identifyModel(modelOf('vgg16', head)).layers[0].outputShape[0]).toBe(32);
  });
});

it('says nothing of the head where it fits, nor where the base does not', () => {
  const head = [dense('a', 25_088, 4096), dense('b', 4096, 4096), dense('c', 4096, 3)];
  expect(refusal(modelOf('vgg16', head))).toBe('fits');
  const other = modelOf('vgg16', [dense('a', 512, 3)]);
  other.layers.splice(3, 2);
  expect(refusal(other)).toBe('fits');
});
