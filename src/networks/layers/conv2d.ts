/** @file 2-D convolution, with bias and ReLU fused into the forward pass. */

import * as tf from '@tensorflow/tfjs';
import type { Layer } from './layer';
import { reluGradient } from './relu';
import { hasKernel, runKernel } from './run-kernel';

export const conv2d: Layer<'conv2d'> = {
  forward: ({ strides, padding, activation }, { inputs, weights }) => ({
    output: tf.fused.conv2d({
      x: inputs[0] as tf.Tensor4D,
      filter: weights.kernel as tf.Tensor4D,
      strides,
      pad: padding,
      bias: weights.bias,
      activation,
    }),
    saved: null,
  }),

  backward: ({ strides, padding }, context) => {
    const { inputs, inputShapes, output, weights, wantInputs, wantWeights } = context;
    const kernel = weights.kernel as tf.Tensor4D;
    const masked = output ? reluGradient(output, context.dy) : null;
    const dy = masked ?? context.dy;
    const settings = { strides: [strides, strides], pad: padding, dataFormat: 'NHWC', dimRoundingMode: undefined };
    const dx = wantInputs
      ? runKernel('Conv2DBackpropInput', { dy, filter: kernel }, { ...settings, inputShape: inputShapes[0] })
      : null;
    const gradients = wantWeights
      ? {
          kernel: runKernel('Conv2DBackpropFilter', { x: inputs[0], dy }, { ...settings, filterShape: kernel.shape }),
          ...(weights.bias ? { bias: biasGradient(dy) } : {}),
        }
      : {};
    masked?.dispose();
    return { inputs: [dx], weights: gradients };
  },
};

/** Sum over everything but the last axis: `[..., C]` to `[C]`. */
export function biasGradient(dy: tf.Tensor): tf.Tensor {
  if (hasKernel('BiasGrad')) return runKernel('BiasGrad', { dy }, {});
  return tf.tidy(() => dy.reshape([-1, dy.shape[dy.rank - 1]]).sum(0));
}
