import { describe, expect, it } from 'vitest';
import baselineSmall from '../../e2e/reference/fixtures/architecture-baseline-32.jsonl?raw';
import baselineFull from '../../e2e/reference/fixtures/architecture-baseline-224.jsonl?raw';
import densenetSmall from '../../e2e/reference/fixtures/architecture-densenet121-32.jsonl?raw';
import densenetFull from '../../e2e/reference/fixtures/architecture-densenet121-224.jsonl?raw';
import inceptionSmall from '../../e2e/reference/fixtures/architecture-inceptionv3-75.jsonl?raw';
import inceptionFull from '../../e2e/reference/fixtures/architecture-inceptionv3-299.jsonl?raw';
import vggSmall from '../../e2e/reference/fixtures/architecture-vgg16-32.jsonl?raw';
import vggFull from '../../e2e/reference/fixtures/architecture-vgg16-224.jsonl?raw';
import { readFixture } from '../base/reference-test-kit';
import type { NetworkId } from '../domain/network';
import { buildNetwork } from './build-network';
import { countParameters, type LayerConfig, type LayerNode } from './graph';

interface Counts {
  parameters: number;
  trainableParameters: number;
}

interface KerasLayer {
  name: string;
  class: string;
  inputs: string[];
  outputShape: number[];
  trainable: boolean;
  weights: [name: string, shape: number[], trainable: boolean][];
  settings: Record<string, unknown>;
}

/** The layer in the fixture's form. */
function inKerasWords(node: LayerNode): KerasLayer {
  const [kerasClass, settings] = classAndSettings(node.config);
  return {
    name: node.name,
    class: kerasClass,
    inputs: node.inputs,
    outputShape: node.outputShape,
    trainable: node.trainable,
    weights: node.weights.map(({ name, shape, trainable }) => [name, shape, trainable]),
    settings,
  };
}

function classAndSettings(config: LayerConfig): [kerasClass: string, settings: Record<string, unknown>] {
  const twice = (value: number) => [value, value];
  switch (config.kind) {
    case 'input':
      return ['InputLayer', {}];
    case 'conv2d': {
      const { filters, kernel, strides, padding, useBias, activation } = config;
      const fixed = { dilation_rate: [1, 1], groups: 1 };
      const own = { filters, kernel_size: kernel, strides: twice(strides), padding, use_bias: useBias, activation };
      return ['Conv2D', { ...own, ...fixed }];
    }
    case 'batchNorm': {
      const { epsilon, momentum, scale } = config;
      return ['BatchNormalization', { axis: 3, momentum, epsilon, center: true, scale }];
    }
    case 'relu':
      return ['Activation', { activation: 'relu' }];
    case 'maxPool':
    case 'averagePool': {
      const { size, strides, padding } = config;
      const settings = { pool_size: twice(size), strides: twice(strides), padding };
      return [config.kind === 'maxPool' ? 'MaxPooling2D' : 'AveragePooling2D', settings];
    }
    case 'globalAveragePool':
      return ['GlobalAveragePooling2D', {}];
    case 'zeroPad':
      return ['ZeroPadding2D', { padding: [twice(config.padding), twice(config.padding)] }];
    case 'concatenate':
      return ['Concatenate', { axis: expect.toSatisfy((axis: number) => axis === 3 || axis === -1) }];
    case 'flatten':
      return ['Flatten', {}];
    case 'dense':
      return ['Dense', { units: config.units, use_bias: true, activation: config.activation }];
    default:
      return config satisfies never;
  }
}

describe.each<[NetworkId, number, string]>([
  ['baseline', 224, baselineFull],
  ['baseline', 32, baselineSmall],
  ['vgg16', 224, vggFull],
  ['vgg16', 32, vggSmall],
  ['inceptionv3', 299, inceptionFull],
  ['inceptionv3', 75, inceptionSmall],
  ['densenet121', 224, densenetFull],
  ['densenet121', 32, densenetSmall],
])('%s at %i pixels against keras.applications', (id, size, text) => {
  const [counts, ...layers] = readFixture<unknown, Counts | KerasLayer>(text).lines as [Counts, ...KerasLayer[]];
  const graph = buildNetwork(id, size, 3);

  it('has the same layers in the same order', () => {
    expect(graph.layers.map(({ name }) => name)).toEqual(layers.map(({ name }) => name));
  });

  it('has the same wiring, shapes, weights, settings and trainable flags in every layer', () => {
    for (const layer of layers) {
      const node = graph.byName.get(layer.name);
      expect(node && inKerasWords(node), `layer ${layer.name}`).toEqual(layer);
    }
  });

  it('has the same parameter counts', () => {
    const { total, trainable } = countParameters(graph);
    expect({ parameters: total, trainableParameters: trainable }).toEqual(counts);
  });
});
