import { expect, it } from 'vitest';
import type { WeightSpec } from '../domain/architecture';
import { closestNetwork } from './closest-network';
import type { KerasWeightsFile } from './keras-file';

const specs = (...layers: string[]): WeightSpec[] =>
  layers.map((layer) => ({ layer, name: 'bias', shape: [1], trainable: true }));

const fileOf = (...layers: string[]): KerasWeightsFile => ({
  fileName: 'dropped.h5',
  layers: layers.map((name) => ({
    name,
    path: [name],
    weights: [{ name: 'bias', shape: [1], pieces: async function* () {} }],
  })),
  namedBy: 'layer',
  layout: 'keras2',
  config: null,
  close: () => undefined,
});

it('finds the network that has most in common with the file', () => {
  const candidates = new Map([
    ['vgg16', specs('block1_conv1', 'block1_conv2')],
    ['inceptionv3', specs('conv2d', 'conv2d_1', 'conv2d_2')],
  ]);
  expect(closestNetwork(fileOf('block1_conv1', 'block1_conv2', 'block1_conv3', 'conv2d'), candidates)).toBe('vgg16');
  expect(closestNetwork(fileOf('conv2d_7', 'conv2d_8', 'block1_conv1', 'conv2d_9'), candidates)).toBe('inceptionv3');
  const withSmall = new Map([...candidates, ['baseline', specs('conv2d')]]);
  expect(closestNetwork(fileOf('conv2d_1', 'conv2d_2', 'conv2d_3'), withSmall)).toBe('inceptionv3');
  expect(closestNetwork(fileOf(), candidates)).toBeNull();
});
