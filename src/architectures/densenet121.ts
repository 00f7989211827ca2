/**
 * @file DenseNet121 with global average pooling, as the notebook trains it: whole, from random weights.
 *
 * Huang et al., "Densely Connected Convolutional Networks" (2017), table 1; names, order and BatchNorm settings as
 * keras/src/applications/densenet.py (growth rate 32, bottleneck 4, reduction 0.5).
 */

import type { Graph } from './graph';
import { GraphBuilder } from './graph-builder';

/** Dense layers of each of the four blocks. */
const BLOCKS = [6, 12, 24, 16];
const GROWTH_RATE = 32;
const EPSILON = 1.001e-5;

/** @param inputSize side of the square input, pixels. */
export function densenet121(inputSize: number, classCount: number): Graph {
  const g = new GraphBuilder();
  let channels = 64;

  const normRelu = (x: string, name: string, separator: string): string => {
    const normalized = g.batchNorm(x, { epsilon: EPSILON, name: `${name}${separator}bn` });
    return g.relu(normalized, `${name}${separator}relu`);
  };
  const denseLayer = (x: string, name: string): string => {
    let y = normRelu(x, name, '_0_');
    y = g.conv2d(y, { filters: 4 * GROWTH_RATE, kernel: 1, useBias: false, name: `${name}_1_conv` });
    y = normRelu(y, name, '_1_');
    y = g.conv2d(y, { filters: GROWTH_RATE, kernel: 3, padding: 'same', useBias: false, name: `${name}_2_conv` });
    channels += GROWTH_RATE;
    return g.concatenate([x, y], `${name}_concat`);
  };
  const transition = (x: string, name: string): string => {
    let y = normRelu(x, name, '_');
    channels /= 2;
    y = g.conv2d(y, { filters: channels, kernel: 1, useBias: false, name: `${name}_conv` });
    return g.averagePool(y, { size: 2, strides: 2, name: `${name}_pool` });
  };

  let x = g.input([inputSize, inputSize, 3]);
  x = g.zeroPad(x, 3);
  x = g.conv2d(x, { filters: channels, kernel: 7, strides: 2, useBias: false, name: 'conv1_conv' });
  x = normRelu(x, 'conv1', '_');
  x = g.zeroPad(x, 1);
  x = g.maxPool(x, { size: 3, strides: 2, name: 'pool1' });
  for (const [index, layers] of BLOCKS.entries()) {
    const block = index + 2;
    for (let layer = 1; layer <= layers; layer += 1) x = denseLayer(x, `conv${block}_block${layer}`);
    if (index < BLOCKS.length - 1) x = transition(x, `pool${block}`);
  }
  x = g.batchNorm(x, { epsilon: EPSILON, name: 'bn' });
  const featureMap = x;
  x = g.relu(x, 'relu');
  x = g.globalAveragePool(x, 'avg_pool');

  g.beginHead();
  x = g.dense(x, { units: classCount, activation: 'softmax', name: 'predictions' });
  return g.finish('densenet121', x, featureMap);
}
