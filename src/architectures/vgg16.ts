/**
 * @file VGG16 without its top, under the notebook's head.
 *
 * Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2014), configuration D;
 * names and order as keras/src/applications/vgg16.py. The notebook trains the last 8 layers: blocks 4 and 5.
 */

import type { Graph } from './graph';
import { GraphBuilder } from './graph-builder';

/** Filters of each block's 3x3 convolutions. */
const BLOCKS = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

const TRAINED_LAYERS = 8;

/** @param inputSize side of the square input, pixels. */
export function vgg16(inputSize: number, classCount: number): Graph {
  const g = new GraphBuilder();
  let x = g.input([inputSize, inputSize, 3]);
  let featureMap = x;
  for (const [index, block] of BLOCKS.entries()) {
    const name = `block${index + 1}`;
    for (const [place, filters] of block.entries()) {
      x = g.conv2d(x, { filters, kernel: 3, padding: 'same', activation: 'relu', name: `${name}_conv${place + 1}` });
    }
    featureMap = x;
    x = g.maxPool(x, { size: 2, strides: 2, name: `${name}_pool` });
  }

  g.beginHead();
  x = g.flatten(x);
  x = g.dense(x, { units: 4096, activation: 'relu' });
  x = g.dense(x, { units: 4096, activation: 'relu' });
  x = g.dense(x, { units: classCount, activation: 'softmax' });
  return g.finish('vgg16', x, featureMap, (index, base) => index >= base.length - TRAINED_LAYERS);
}
