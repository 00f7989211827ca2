/** @file Layers that only rearrange numbers: zero padding, concatenation, flattening. */

import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../domain/architecture';
import type { Layer } from './layer';

export const zeroPad: Layer<'zeroPad'> = {
  forward: ({ padding }, { inputs }) => ({
    output: tf.pad4d(inputs[0] as tf.Tensor4D, [
      [0, 0],
      [padding, padding],
      [padding, padding],
      [0, 0],
    ]),
    saved: null,
  }),
  backward: ({ padding }, { inputShapes, dy, wantInputs }) => ({
    inputs: [wantInputs ? tf.slice(dy, [0, padding, padding, 0], inputShapes[0]) : null],
    weights: {},
  }),
};

export const concatenate: Layer<'concatenate'> = {
  forward: (_config, { inputs }) => ({ output: tf.concat(inputs, 3), saved: null }),
  backward: (_config, { inputShapes, dy, wantInputs }) => ({
    inputs: wantInputs
      ? tf.split(
          dy,
          inputShapes.map((shape) => shape[3]),
          3,
        )
      : inputShapes.map(() => null),
    weights: {},
  }),
};

export const flatten: Layer<'flatten'> = {
  forward: (_config, { inputs }) => ({
    output: inputs[0].reshape([inputs[0].shape[0], sizeOf(inputs[0].shape.slice(1))]),
    saved: null,
  }),
  backward: (_config, { inputShapes, dy, wantInputs }) => ({
    inputs: [wantInputs ? dy.reshape(inputShapes[0]) : null],
    weights: {},
  }),
};
