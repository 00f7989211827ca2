/**
 * @file InceptionV3 without its top, under the notebook's head.
 *
 * Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2016); names, order, paddings and
 * BatchNorm settings (no gamma, epsilon 1e-3) as keras/src/applications/inception_v3.py.
 * The notebook trains the last 82 layers, that is everything after `mixed7`.
 */

import type { Graph, Padding } from './graph';
import { GraphBuilder } from './graph-builder';

const TRAINED_LAYERS = 82;

/** @param inputSize side of the square input, pixels. */
export function inceptionv3(inputSize: number, classCount: number): Graph {
  const g = new GraphBuilder();

  /** Convolution without bias, BatchNorm without scale, ReLU: Keras' `conv2d_bn`. */
  const conv = (
    x: string,
    filters: number,
    height: number,
    width: number,
    { strides = 1, padding = 'same' as Padding } = {},
  ): string => {
    const y = g.conv2d(x, { filters, kernel: [height, width], strides, padding, useBias: false });
    return g.relu(g.batchNorm(y, { epsilon: 1e-3, scale: false }));
  };
  const pooledBranch = (x: string, filters: number): string =>
    conv(g.averagePool(x, { size: 3, strides: 1, padding: 'same' }), filters, 1, 1);

  /** 35 x 35: 1x1, 5x5, double 3x3, pool. */
  const mixed35 = (x: string, poolFilters: number, name: string): string => {
    const branch1x1 = conv(x, 64, 1, 1);
    const branch5x5 = conv(conv(x, 48, 1, 1), 64, 5, 5);
    const branch3x3 = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    return g.concatenate([branch1x1, branch5x5, branch3x3, pooledBranch(x, poolFilters)], name);
  };
  /** 17 x 17: 1x1, factorised 7x7, double factorised 7x7, pool. */
  const mixed17 = (x: string, filters: number, name: string): string => {
    const branch1x1 = conv(x, 192, 1, 1);
    let branch7x7 = conv(x, filters, 1, 1);
    branch7x7 = conv(branch7x7, filters, 1, 7);
    branch7x7 = conv(branch7x7, 192, 7, 1);
    let double7x7 = conv(x, filters, 1, 1);
    double7x7 = conv(double7x7, filters, 7, 1);
    double7x7 = conv(double7x7, filters, 1, 7);
    double7x7 = conv(double7x7, filters, 7, 1);
    double7x7 = conv(double7x7, 192, 1, 7);
    return g.concatenate([branch1x1, branch7x7, double7x7, pooledBranch(x, 192)], name);
  };
  /** 8 x 8: 1x1, split 3x3, double split 3x3, pool. `index` names the inner concatenation. */
  const mixed8 = (x: string, index: number, name: string): string => {
    const branch1x1 = conv(x, 320, 1, 1);
    const branch3x3 = conv(x, 384, 1, 1);
    const split3x3 = g.concatenate([conv(branch3x3, 384, 1, 3), conv(branch3x3, 384, 3, 1)], `mixed9_${index}`);
    const double3x3 = conv(conv(x, 448, 1, 1), 384, 3, 3);
    const splitDouble = g.concatenate([conv(double3x3, 384, 1, 3), conv(double3x3, 384, 3, 1)]);
    return g.concatenate([branch1x1, split3x3, splitDouble, pooledBranch(x, 192)], name);
  };

  let x = g.input([inputSize, inputSize, 3]);
  x = conv(x, 32, 3, 3, { strides: 2, padding: 'valid' });
  x = conv(x, 32, 3, 3, { padding: 'valid' });
  x = conv(x, 64, 3, 3);
  x = g.maxPool(x, { size: 3, strides: 2 });
  x = conv(x, 80, 1, 1, { padding: 'valid' });
  x = conv(x, 192, 3, 3, { padding: 'valid' });
  x = g.maxPool(x, { size: 3, strides: 2 });

  x = mixed35(x, 32, 'mixed0');
  x = mixed35(x, 64, 'mixed1');
  x = mixed35(x, 64, 'mixed2');

  const reduce3x3 = conv(x, 384, 3, 3, { strides: 2, padding: 'valid' });
  const reduceDouble = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3, { strides: 2, padding: 'valid' });
  x = g.concatenate([reduce3x3, reduceDouble, g.maxPool(x, { size: 3, strides: 2 })], 'mixed3');

  x = mixed17(x, 128, 'mixed4');
  x = mixed17(x, 160, 'mixed5');
  x = mixed17(x, 160, 'mixed6');
  x = mixed17(x, 192, 'mixed7');

  const last3x3 = conv(conv(x, 192, 1, 1), 320, 3, 3, { strides: 2, padding: 'valid' });
  const last7x7 = conv(conv(conv(conv(x, 192, 1, 1), 192, 1, 7), 192, 7, 1), 192, 3, 3, {
    strides: 2,
    padding: 'valid',
  });
  x = g.concatenate([last3x3, last7x7, g.maxPool(x, { size: 3, strides: 2 })], 'mixed8');

  x = mixed8(x, 0, 'mixed9');
  x = mixed8(x, 1, 'mixed10');
  const featureMap = x;

  g.beginHead();
  x = g.flatten(x);
  x = g.dense(x, { units: 2048, activation: 'relu' });
  x = g.dense(x, { units: classCount, activation: 'softmax' });
  return g.finish('inceptionv3', x, featureMap, (index, base) => index >= base.length - TRAINED_LAYERS);
}
