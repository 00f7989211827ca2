import { describe, expect, it } from 'vitest';
import type { NetworkId } from '../domain/network';
import { buildNetwork, describeNetwork } from './build-network';

/** Parameter counts of the notebook's table (SPEC section 2). */
const PARAMETERS: [NetworkId, number][] = [
  ['baseline', 1_626_683],
  ['vgg16', 134_272_835],
  ['inceptionv3', 290_246_435],
  ['densenet121', 7_040_579],
];

describe('the four networks', () => {
  it.each(PARAMETERS)('%s has the notebook’s parameter count', (id, count) => {
    expect(describeNetwork(id, null, 3).parameterCount).toBe(count);
  });

  it('freezes VGG16 up to block 3', () => {
    const graph = buildNetwork('vgg16', 224, 3);
    const trainable = graph.layers.filter((node) => node.trainable && node.weights.length > 0).map((node) => node.name);
    expect(trainable).toEqual([
      'block4_conv1',
      'block4_conv2',
      'block4_conv3',
      'block5_conv1',
      'block5_conv2',
      'block5_conv3',
      'dense',
      'dense_1',
      'dense_2',
    ]);
  });

  it('trains InceptionV3 after mixed7, 82 layers of 311', () => {
    const base = buildNetwork('inceptionv3', 299, 3).layers.filter((node) => node.part === 'base');
    expect(base).toHaveLength(311);
    const frozen = base.filter((node) => !node.trainable);
    expect(frozen.at(-1)?.name).toBe('mixed7');
    expect(base.length - frozen.length).toBe(82);
  });

  it('keeps Keras’ order where branches interleave', () => {
    const names = buildNetwork('inceptionv3', 299, 3).layers.map((node) => node.name);
    // The notebook's printed list (there counted from conv2d_2): after the second max pooling.
    expect(names.slice(18, 28)).toEqual([
      'conv2d_8',
      'batch_normalization_8',
      'activation_8',
      'conv2d_6',
      'conv2d_9',
      'batch_normalization_6',
      'batch_normalization_9',
      'activation_6',
      'activation_9',
      'average_pooling2d',
    ]);
  });

  it('ends DenseNet121 in the feature map named bn', () => {
    const graph = buildNetwork('densenet121', 224, 3);
    expect(graph.byName.get(graph.featureMap)?.outputShape).toEqual([7, 7, 1024]);
    expect(graph.layers).toHaveLength(429);
  });

  it('refuses sizes below what the paddings allow', () => {
    expect(() => buildNetwork('inceptionv3', 74, 3)).toThrow(/too small/);
    expect(() => buildNetwork('inceptionv3', 75, 3)).not.toThrow();
  });
});
