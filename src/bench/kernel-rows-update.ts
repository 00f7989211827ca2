/** @file The optimizers' steps: one weight, several, and dense kernels with their gradient. Stock is TensorFlow.js' optimizer. */

import * as tf from '@tensorflow/tfjs';
import type { AdamAttributes, SgdAttributes } from '../kernels/update-inputs';
import { type KernelRow, narrowed, type Specs, sameCalls, sizeOf, type Tensors, type Work } from './kernel-row';
import type { KernelCall } from './record-calls';

type Rule = 'adam' | 'sgd';

/** Of one weight of `size`: operations and bytes, the gradient read. */
function updateCost(rule: Rule, size: number, momentum: boolean) {
  if (rule === 'adam') return { flops: 11 * size, bytes: 28 * size };
  return momentum ? { flops: 4 * size, bytes: 20 * size } : { flops: 2 * size, bytes: 12 * size };
}

function optimizerOf(rule: Rule, { attributes }: KernelCall): tf.Optimizer {
  if (rule === 'adam') {
    const { learningRate, beta1, beta2, epsilon } = attributes as unknown as AdamAttributes;
    return tf.train.adam(learningRate, beta1, beta2, epsilon);
  }
  const { learningRate, momentum } = attributes as unknown as SgdAttributes;
  return momentum > 0 ? tf.train.momentum(learningRate, momentum) : tf.train.sgd(learningRate);
}

/** One step of TensorFlow.js' optimizer; its slots live as long as the side. */
function stockStep(rule: Rule, call: KernelCall, values: tf.Tensor[], gradients: () => tf.Tensor[]): Work {
  const optimizer = optimizerOf(rule, call);
  const variables = values.map((value) => tf.variable(value));
  return () => {
    const entries = gradients().map((gradient, i) => [variables[i].name, gradient] as const);
    optimizer.applyGradients(Object.fromEntries(entries));
  };
}

/** `value0`, `value1`, ... or the only `value`. */
function numbered<T>(inputs: Record<string, T>, name: string): T[] {
  return Object.entries(inputs).flatMap(([key, value]) => (key.replace(/\d+$/, '') === name ? [value] : []));
}

const hasVelocity = (inputs: Specs): boolean => numbered(inputs, 'velocity').length > 0;

function updateRow(title: string, rule: Rule): KernelRow {
  return {
    title,
    product: false,
    describe: ({ inputs }) =>
      numbered(inputs, 'value')
        .map(({ shape }) => `[${shape.join(', ')}]`)
        .join(' + '),
    cost: ({ inputs }) => {
      const size = numbered(inputs, 'value').reduce((sum, spec) => sum + sizeOf(spec), 0);
      return updateCost(rule, size, hasVelocity(inputs));
    },
    ours: sameCalls,
    stock: (tensors, call) => stockStep(rule, call, numbered(tensors, 'value'), () => numbered(tensors, 'gradient')),
  };
}

function denseRow(title: string, rule: Rule): KernelRow {
  return {
    title,
    product: false,
    describe: ({ inputs: { x, value } }) => `batch ${x.shape[0]}, [${value.shape.join(', ')}]`,
    cost: ({ inputs }) => {
      const size = sizeOf(inputs.value);
      const { flops, bytes } = updateCost(rule, size, hasVelocity(inputs));
      // The gradient is never in memory.
      return { flops: flops + 2 * inputs.x.shape[0] * size, bytes: bytes - 4 * size };
    },
    ours: sameCalls,
    // The kernel's rows alone, as if they were all of it.
    stockInputs: ({ inputs }) => ({ ...inputs, x: narrowed(inputs.x, inputs.value.shape[0]) }),
    stock: ({ x, dy, value }: Tensors, call) => stockStep(rule, call, [value], () => [tf.matMul(x, dy, true, false)]),
  };
}

export const UPDATE_ROWS: Record<string, KernelRow> = {
  DenseAdamUpdate: denseRow('dense gradient and Adam', 'adam'),
  DenseSgdUpdate: denseRow('dense gradient and SGD', 'sgd'),
  AdamUpdate: updateRow('Adam', 'adam'),
  AdamUpdateMany: updateRow('Adam, several weights', 'adam'),
  SgdUpdate: updateRow('SGD', 'sgd'),
  SgdUpdateMany: updateRow('SGD, several weights', 'sgd'),
};
