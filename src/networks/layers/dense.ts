/**
 * @file Fully connected layer.
 *
 * Its kernel may be in parts: each takes its columns of the input, and the products are added up. With activation
 * `softmax` the output is the logits: the loss is computed from them, and probabilities are asked for where they are shown.
 */

import * as tf from '@tensorflow/tfjs';
import { FactoredGradient } from '../weight-gradient';
import { biasGradient } from './conv2d';
import type { Layer, LayerWeights } from './layer';
import { reluGradient } from './relu';
import { hasKernel } from './run-kernel';

export const dense: Layer<'dense'> = {
  forward: ({ activation }, { inputs, weights }) => {
    const x = inputs[0] as tf.Tensor2D;
    const [first, ...rest] = partsOf(weights);
    const relu = activation === 'relu';
    if (rest.length === 0) {
      const fused = { a: x, b: first, bias: weights.bias, activation: relu ? 'relu' : 'linear' } as const;
      return { output: tf.fused.matMul(fused), saved: null };
    }
    const output = tf.tidy(() => {
      let sum = tf.fused.matMul({ a: columns(x, 0, first.shape[0]), b: first, bias: weights.bias });
      let row = first.shape[0];
      for (const part of rest) {
        sum = tf.add(sum, tf.matMul(columns(x, row, part.shape[0]), part));
        row += part.shape[0];
      }
      return relu ? tf.relu(sum) : sum;
    });
    return { output, saved: null };
  },

  backward: (_config, { inputs, output, weights, dy: outer, wantInputs, wantWeights }) => {
    const dy = (output ? reluGradient(output, outer) : outer.clone()) as tf.Tensor2D;
    const dx = wantInputs ? inputGradient(dy, partsOf(weights)) : null;
    const gradients = wantWeights
      ? { kernel: new FactoredGradient(inputs[0].clone() as tf.Tensor2D, dy.clone()), bias: biasGradient(dy) }
      : {};
    dy.dispose();
    return { inputs: [dx], weights: gradients };
  },
};

function partsOf({ kernelParts }: LayerWeights): tf.Tensor2D[] {
  if (!kernelParts) throw new Error('A dense layer without its kernel');
  return kernelParts as tf.Tensor2D[];
}

function columns(x: tf.Tensor2D, first: number, count: number): tf.Tensor2D {
  return tf.slice2d(x, [0, first], [x.shape[0], count]);
}

/** dy kernelᵀ, the columns of each part side by side. */
function inputGradient(dy: tf.Tensor2D, parts: tf.Tensor2D[]): tf.Tensor {
  const products = () => parts.map((part) => timesTransposed(dy, part));
  return parts.length === 1 ? timesTransposed(dy, parts[0]) : tf.tidy(() => tf.concat(products(), 1));
}

/**
 * dy kernelᵀ. Where our product is not registered, as the transpose of kernel dyᵀ: with few rows and a long sum
 * (4 x 4096 by 512 x 4096 transposed) what TensorFlow.js 4.22 computes on WebGPU is unlike the product.
 */
function timesTransposed(dy: tf.Tensor2D, kernel: tf.Tensor2D): tf.Tensor {
  if (hasKernel('DenseAdamUpdate')) return tf.matMul(dy, kernel, false, true);
  return tf.tidy(() => tf.transpose(tf.matMul(kernel, tf.transpose(dy))));
}
