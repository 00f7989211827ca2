import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { RandomStream } from '../base/random';
import type { NetworkId } from '../domain/network';
import { initializeWeights } from '../networks/initialize';
import { Network } from '../networks/network';
import { readEvidence } from './evidence';
import { chooseFeatureMap } from './feature-map';
import { gradCam } from './grad-cam';

describe('chooseFeatureMap', () => {
  it.each<[NetworkId, number, string, number]>([
    ['baseline', 224, 'conv2d', 222],
    ['vgg16', 224, 'block5_conv3', 14],
    ['inceptionv3', 299, 'mixed10', 8],
    ['densenet121', 224, 'bn', 7],
    ['vgg16', 32, 'block5_conv3', 2],
    ['inceptionv3', 75, 'mixed7', 3],
    ['densenet121', 32, 'pool3_conv', 4],
  ])('%s at %i pixels reads %s', (id, size, name, side) => {
    const choice = chooseFeatureMap(buildNetwork(id, size, 3));
    expect([choice.name, choice.height, choice.width]).toEqual([name, side, side]);
    expect(choice.note === null).toBe(name !== 'mixed7' && name !== 'pool3_conv');
  });
});

describe('gradCam', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('of the baseline equals the formula written out', async () => {
    const size = 8;
    const network = new Network(buildNetwork('baseline', size, 3));
    initializeWeights(network, 6);
    const stream = RandomStream.named(3, 'picture');
    const x = tf.tensor(
      Float32Array.from({ length: size * size * 3 }, () => stream.uniform()),
      [1, size, size, 3],
    );
    const evidence = await readEvidence(network, x, 1);
    const map = gradCam(evidence);

    const [kernel, , dense] = [...network.entries()].map(([spec]) => network.weight(spec));
    const activation = tf
      .relu(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'valid'))
      .arraySync() as number[][][][];
    const weights = dense.arraySync() as number[][];
    const side = size - 2;
    const expected = new Float32Array(side * side);
    for (let channel = 0; channel < 11; channel += 1) {
      let weight = 0;
      for (let place = 0; place < side * side; place += 1) weight += weights[place * 11 + channel][1] / (side * side);
      for (let place = 0; place < side * side; place += 1) {
        expected[place] += weight * activation[0][Math.floor(place / side)][place % side][channel];
      }
    }
    expect(evidence.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    expect(Math.max(...expected)).toBeGreaterThan(0);
    for (const [place, value] of expected.entries()) expect(map[place]).toBeCloseTo(Math.max(value, 0), 4);
  });

  it('leaves no tensor behind and follows the class', async () => {
    const network = new Network(buildNetwork('baseline', 8, 3));
    initializeWeights(network, 4);
    const x = tf.ones([1, 8, 8, 3]);
    const before = tf.memory().numTensors;
    const maps = [];
    for (const classIndex of [0, 1, 2]) maps.push(gradCam(await readEvidence(network, x, classIndex)).join());
    expect(tf.memory().numTensors).toBe(before);
    expect(new Set(maps).size).toBeGreaterThan(1);
  });

  it('refuses predictions that are not numbers, and leaves no tensor behind', async () => {
    const network = new Network(buildNetwork('baseline', 8, 3));
    initializeWeights(network, 4);
    const x = tf.fill<tf.Rank.R4>([1, 8, 8, 3], Number.NaN);
    const before = tf.memory().numTensors;
    await expect(readEvidence(network, x, null)).rejects.toThrow('not a number');
    expect(tf.memory().numTensors).toBe(before);
  });
});
