/** @file Rectified linear unit, alone or as the activation of another layer. */

import * as tf from '@tensorflow/tfjs';
import type { Layer } from './layer';
import { hasKernel, runKernel } from './run-kernel';

export const relu: Layer<'relu'> = {
  forward: (_config, { inputs, fuseRelu }) => ({
    output: fuseRelu ? inputs[0].clone() : tf.relu(inputs[0]),
    saved: null,
  }),
  backward: (_config, { output, dy, fuseRelu, wantInputs }) => {
    if (!wantInputs) return { inputs: [null], weights: {} };
    return { inputs: [fuseRelu || !output ? dy.clone() : reluGradient(output, dy)], weights: {} };
  },
};

/** dy where the output is positive, else 0. */
export function reluGradient(output: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  if (hasKernel('ReluGrad')) return runKernel('ReluGrad', { y: output, dy }, {});
  return tf.tidy(() => tf.mul(dy, tf.step(output)));
}
