/** @file The notebook's baseline: one convolution, one dense layer. */

import type { Graph } from './graph';
import { GraphBuilder } from './graph-builder';

/** @param inputSize side of the square input, pixels. */
export function baseline(inputSize: number, classCount: number): Graph {
  const g = new GraphBuilder();
  let x = g.input([inputSize, inputSize, 3]);
  x = g.conv2d(x, { filters: 11, kernel: 3, activation: 'relu' });
  const featureMap = x;
  g.beginHead();
  x = g.flatten(x);
  x = g.dense(x, { units: classCount, activation: 'softmax' });
  return g.finish('baseline', x, featureMap);
}
