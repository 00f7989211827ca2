/**
 * @file Fully connected layer.
 *
 * With activation `softmax` the output is the logits: the loss is computed from them, and probabilities are asked for
 * where they are shown.
 */

import * as tf from '@tensorflow/tfjs';
import { biasGradient } from './conv2d';
import type { Layer } from './layer';
import { reluGradient } from './relu';

export const dense: Layer<'dense'> = {
  keepsInputs: true,
  keepsOutput: ({ activation }) => activation === 'relu',

  forward: ({ activation }, { inputs, weights }) => ({
    output: tf.fused.matMul({
      a: inputs[0] as tf.Tensor2D,
      b: weights.kernel as tf.Tensor2D,
      bias: weights.bias,
      activation: activation === 'relu' ? 'relu' : 'linear',
    }),
    saved: null,
  }),

  backward: ({ activation }, context) => {
    const { inputs, output, weights, wantInputs, wantWeights } = context;
    const masked = activation === 'relu' && output ? reluGradient(output, context.dy) : null;
    const dy = (masked ?? context.dy) as tf.Tensor2D;
    const dx = wantInputs ? tf.matMul(dy, weights.kernel as tf.Tensor2D, false, true) : null;
    const gradients = wantWeights
      ? { kernel: tf.matMul(inputs[0] as tf.Tensor2D, dy, true, false), bias: biasGradient(dy) }
      : {};
    masked?.dispose();
    return { inputs: [dx], weights: gradients };
  },
};
