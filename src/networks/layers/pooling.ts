/** @file Maximum, average and global average pooling. */

import * as tf from '@tensorflow/tfjs';
import type { ConfigOf } from '../../architectures/graph';
import type { Layer } from './layer';
import { hasKernel, runKernel } from './run-kernel';

export const maxPool: Layer<'maxPool'> = {
  forward: ({ size, strides, padding }, { inputs }) => ({
    output: tf.maxPool(inputs[0] as tf.Tensor4D, size, strides, padding),
    saved: null,
  }),
  backward: ({ size, strides, padding }, { inputs, output, dy, wantInputs }) => {
    if (!wantInputs || !output) return { inputs: [null], weights: {} };
    const attributes = { filterSize: size, strides, pad: padding, dimRoundingMode: undefined };
    return { inputs: [runKernel('MaxPoolGrad', { dy, input: inputs[0], output }, attributes)], weights: {} };
  },
};

export const averagePool: Layer<'averagePool'> = {
  forward: ({ size, strides, padding }, { inputs }) => ({
    output: tf.avgPool(inputs[0] as tf.Tensor4D, size, strides, padding),
    saved: null,
  }),
  backward: (config, { inputShapes, dy, wantInputs }) => {
    if (!wantInputs) return { inputs: [null], weights: {} };
    const { size, strides, padding } = config;
    const attributes = { filterSize: size, strides, pad: padding, dimRoundingMode: undefined };
    if (hasKernel('AveragePoolGrad')) {
      const dx = runKernel('AveragePoolGrad', { dy }, { ...attributes, inputShape: inputShapes[0] });
      return { inputs: [dx], weights: {} };
    }
    const dx = tf.tidy(() => {
      const scale = borderScale(config, inputShapes[0], dy.shape);
      const scaled = scale ? tf.mul(dy, scale) : dy;
      // The stock kernel asks for the input tensor and reads only its shape.
      return runKernel('AvgPoolGrad', { dy: scaled, input: tf.zeros(inputShapes[0]) }, attributes);
    });
    return { inputs: [dx], weights: {} };
  },
};

export const globalAveragePool: Layer<'globalAveragePool'> = {
  forward: (_config, { inputs }) => {
    const [x] = inputs;
    return {
      output: hasKernel('GlobalAveragePool') ? runKernel('GlobalAveragePool', { x }, {}) : tf.mean(x, [1, 2]),
      saved: null,
    };
  },
  backward: (_config, { inputShapes, dy, wantInputs }) => {
    if (!wantInputs) return { inputs: [null], weights: {} };
    const [batch, height, width, channels] = inputShapes[0];
    const dx = tf.tidy(() => {
      const pixel = dy.reshape([batch, 1, 1, channels]);
      if (!hasKernel('AveragePoolGrad')) return pixel.div(height * width).tile([1, height, width, 1]);
      const attributes = { filterSize: [height, width], strides: 1, pad: 'valid', inputShape: inputShapes[0] };
      return runKernel('AveragePoolGrad', { dy: pixel }, attributes);
    });
    return { inputs: [dx], weights: {} };
  },
};

/**
 * With `same` padding the forward pass divides by the pixels that a window really covers, but TensorFlow.js 4.22's
 * gradient divides by the full window everywhere (a corner gave 0.444 where finite differences give 0.694). So dy is
 * multiplied by window / covered first.
 *
 * @returns `[1, outHeight, outWidth, 1]`, or null when every window is full.
 */
function borderScale(config: ConfigOf<'averagePool'>, inputShape: number[], outputShape: number[]): tf.Tensor | null {
  if (config.padding === 'valid') return null;
  const rows = coveredPixels(inputShape[1], outputShape[1], config);
  const columns = coveredPixels(inputShape[2], outputShape[2], config);
  const window = config.size * config.size;
  const scale = rows.flatMap((row) => columns.map((column) => window / (row * column)));
  return tf.tensor(scale, [1, rows.length, columns.length, 1]);
}

/** For each output position along one axis, how many of the window's pixels lie inside the image. */
function coveredPixels(inSize: number, outSize: number, { size, strides }: ConfigOf<'averagePool'>): number[] {
  const padBefore = Math.floor(Math.max((outSize - 1) * strides + size - inSize, 0) / 2);
  return Array.from({ length: outSize }, (_, index) => {
    const start = index * strides - padBefore;
    return Math.min(start + size, inSize) - Math.max(start, 0);
  });
}
