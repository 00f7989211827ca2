import { describe, expect, it } from 'vitest';
import type { WeightSpec } from '../domain/architecture';
import { alignLayers, outlineLayers } from './align-layers';
import type { KerasLayer } from './keras-file';

const SHAPES: Record<string, [WeightSpec['name'], number[]]> = {
  conv: ['kernel', [1, 1, 1, 1]],
  dense: ['kernel', [1, 1]],
  norm: ['moving_mean', [1]],
};

const specs = (layers: Record<string, keyof typeof SHAPES>): WeightSpec[] =>
  Object.entries(layers).map(([layer, kind]) => {
    const [name, shape] = SHAPES[kind];
    return { layer, name, shape, trainable: true };
  });

const fileLayers = (layers: Record<string, keyof typeof SHAPES>): KerasLayer[] =>
  Object.entries(layers).map(([name, kind]) => {
    const [weight, shape] = SHAPES[kind];
    return { name, path: [name], weights: [{ name: weight, shape, pieces: async function* () {} }] };
  });

function align(
  ours: Record<string, keyof typeof SHAPES>,
  theirs: Record<string, keyof typeof SHAPES>,
  namedBy: 'layer' | 'class' = 'layer',
  inModel = false,
) {
  const pairs = alignLayers(outlineLayers(specs(ours)), {
    layers: fileLayers(theirs).map((layer) => (inModel ? { ...layer, path: ['model', layer.name] } : layer)),
    namedBy,
    layout: 'keras2',
  });
  return Object.fromEntries([...pairs].map(([name, layer]) => [name, layer.name]));
}

describe('alignLayers', () => {
  it('pairs auto-numbered layers by rank and others by name', () => {
    const ours = {
      conv2d: 'conv',
      batch_normalization: 'norm',
      conv2d_2: 'conv',
      conv2d_1: 'conv',
      bn: 'norm',
    } as const;
    const theirs = {
      conv2d_10: 'conv',
      conv2d_9: 'conv',
      batch_normalization_1: 'norm',
      conv2d_8: 'conv',
      bn: 'norm',
    } as const;
    expect(align(ours, theirs)).toEqual({
      conv2d: 'conv2d_8',
      conv2d_1: 'conv2d_9',
      conv2d_2: 'conv2d_10',
      batch_normalization: 'batch_normalization_1',
      bn: 'bn',
    });
  });

  it('looks past the number of a second graph', () => {
    expect(align({ block1_conv1: 'conv', conv2d: 'conv' }, { block1_conv1_3: 'conv', conv2d_5_1: 'conv' })).toEqual({
      block1_conv1: 'block1_conv1_3',
      conv2d: 'conv2d_5_1',
    });
  });

  it('knows the names that Keras 2 gave DenseNet, inside another model too', () => {
    const ours = { conv1_conv: 'conv', conv1_bn: 'norm', conv2_block1_0_bn: 'norm' } as const;
    expect(align(ours, { 'conv1/conv': 'conv', 'conv1/bn': 'norm', 'densenet121/conv2_block1_0_bn': 'norm' })).toEqual({
      conv1_conv: 'conv1/conv',
      conv1_bn: 'conv1/bn',
      conv2_block1_0_bn: 'densenet121/conv2_block1_0_bn',
    });
  });

  it('pairs the dense layers of a head in order, whatever their names', () => {
    const ours = { block1_conv1: 'conv', dense: 'dense', dense_1: 'dense' } as const;
    expect(align(ours, { block1_conv1: 'conv', fc1: 'dense', dense: 'dense' })).toEqual({
      block1_conv1: 'block1_conv1',
      dense: 'fc1',
      dense_1: 'dense',
    });
  });

  it('pairs by class where a file counts classes, the layers of an inner model first', () => {
    const ours = { conv1_bn: 'norm', conv1_conv: 'conv', conv2_conv: 'conv', predictions: 'dense' } as const;
    const theirs = {
      'functional/batch_normalization': 'norm',
      'functional/conv2d': 'conv',
      'functional/conv2d_1': 'conv',
      dense: 'dense',
    } as const;
    expect(align(ours, theirs, 'class')).toEqual({
      conv1_bn: 'functional/batch_normalization',
      conv1_conv: 'functional/conv2d',
      conv2_conv: 'functional/conv2d_1',
      predictions: 'dense',
    });
  });

  it('knows the numbers of TensorFlow 1 and Keras 1, from any start', () => {
    const ours = { conv2d: 'conv', batch_normalization: 'norm', batch_normalization_1: 'norm' } as const;
    const theirs = {
      batch_normalization_v1_10: 'norm',
      convolution2d_12: 'conv',
      batch_normalization_v1_9: 'norm',
    } as const;
    expect(align(ours, theirs)).toEqual({
      conv2d: 'convolution2d_12',
      batch_normalization: 'batch_normalization_v1_9',
      batch_normalization_1: 'batch_normalization_v1_10',
    });
  });

  it('pairs layers by their place where none is found by name: by their numbers, else as they are listed', () => {
    const ours = { block1_conv1: 'conv', block1_conv2: 'conv' } as const;
    expect(align(ours, { conv2d_10: 'conv', conv2d_9: 'conv' })).toEqual({
      block1_conv1: 'conv2d_9',
      block1_conv2: 'conv2d_10',
    });
    const own = { second: 'conv', first: 'conv', head: 'dense' } as const;
    expect(align(ours, own)).toEqual({ block1_conv1: 'second', block1_conv2: 'first' });
    // In the group of a model the order is not the model's.
    expect(align(ours, own, 'layer', true)).toEqual({});
    // One name that fits: the others are no layers of the same place.
    expect(align(ours, { other: 'conv', block1_conv2: 'conv' })).toEqual({ block1_conv2: 'block1_conv2' });
  });

  it('leaves out what has no partner', () => {
    expect(align({ conv2d: 'conv', conv2d_1: 'conv', block1_conv1: 'conv' }, { conv2d_5: 'conv' })).toEqual({
      conv2d: 'conv2d_5',
    });
  });
});
