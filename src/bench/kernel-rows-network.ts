/** @file Normalization, pooling, branches, the loss and the augmentation. */

import * as tf from '@tensorflow/tfjs';
import { RandomStream } from '../base/random';
import { notebookRecipe } from '../domain/recipe';
import type { BatchNormGradAttributes } from '../kernels/batch-norm-inputs';
import type { PoolAttributes } from '../kernels/pool-inputs';
import { runKernel, runKernels } from '../networks/layers/run-kernel';
import { augmentImages } from '../training/augment-images';
import { drawTransform } from '../training/augmentation';
import {
  type KernelRow,
  narrowed,
  type Specs,
  sameCalls,
  shapeText,
  sizeOf,
  type Tensors,
  type Work,
} from './kernel-row';
import type { KernelCall } from './record-calls';
import { augmentedInput } from './stock-trainer';

const ROWS = [0, 1, 2];

/** Channels of a BatchNorm's input, which may be the first ones of a wider tensor. */
const channelsOf = ({ inputs, attributes }: KernelCall): number =>
  (attributes.channels as number | undefined) ?? inputs.x.shape[3];

const normText = (call: KernelCall) => shapeText(narrowed(call.inputs.x, channelsOf(call)));
const normSize = (call: KernelCall) => sizeOf(narrowed(call.inputs.x, channelsOf(call)));
/** tf.layers has no views. */
const denseInput = (call: KernelCall): Specs => ({ ...call.inputs, x: narrowed(call.inputs.x, channelsOf(call)) });

type Vector = tf.Tensor1D;

function normalized(x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, { gamma, beta }: Tensors, call: KernelCall) {
  const { epsilon, relu } = call.attributes as unknown as BatchNormGradAttributes;
  const y = tf.batchNorm4d(
    x as tf.Tensor4D,
    mean as Vector,
    variance as Vector,
    beta as Vector | undefined,
    gamma as Vector | undefined,
    epsilon,
  );
  return relu ? tf.relu(y) : y;
}

/** Forward and backward, as the tape has no backward pass alone. */
function ourNorm({ into, ...tensors }: Tensors, { attributes }: KernelCall): Work {
  const { epsilon, training, relu, channels } = attributes as unknown as BatchNormGradAttributes;
  const { x, dy, gamma, beta } = tensors;
  return () => {
    const [mean, variance] = training
      ? runKernels('BatchNormTrain', { x }, { channels })
      : [tensors.mean, tensors.variance];
    runKernel('BatchNormApply', { x, mean, variance, gamma, beta }, { epsilon, relu, channels });
    return runKernels('BatchNormGrad', { x, dy, mean, variance, gamma, beta, into }, attributes);
  };
}

function stockNorm({ x, dy, into, ...rest }: Tensors, call: KernelCall): Work {
  const { training } = call.attributes as unknown as BatchNormGradAttributes;
  // TensorFlow.js 4.22 cannot differentiate BatchNorm without gamma.
  const gamma = rest.gamma ?? tf.onesLike(rest.mean);
  const beta = rest.beta ?? tf.zerosLike(rest.mean);
  const gradients = tf.grads((input, scale, offset) => {
    const { mean, variance } = training ? tf.moments(input, ROWS) : { mean: rest.mean, variance: rest.variance };
    return normalized(input, mean, variance, { gamma: scale, beta: offset }, call);
  });
  return () => {
    const [dx, ...others] = gradients([x, gamma, beta], dy);
    return [into ? tf.add(dx, into) : dx, ...others];
  };
}

function movingAverage(before: tf.Tensor, fresh: tf.Tensor, momentum: number): tf.Tensor {
  return tf.sub(before, tf.mul(tf.sub(before, fresh), 1 - momentum));
}

interface AverageAttributes extends PoolAttributes {
  inputShape: number[];
}

const averageAttributes = ({ attributes }: KernelCall) => attributes as unknown as AverageAttributes;
const windowText = ({ filterSize, strides }: PoolAttributes) => {
  const size = Array.isArray(filterSize) ? filterSize.join('x') : `${filterSize}x${filterSize}`;
  return Array.isArray(filterSize) ? `${size}, whole` : `${size} stride ${strides}`;
};

export const NETWORK_ROWS: Record<string, KernelRow> = {
  BatchNormTrain: {
    title: 'BatchNorm moments',
    product: false,
    describe: normText,
    cost: (call) => ({ flops: 4 * normSize(call), bytes: 4 * normSize(call) }),
    ours: sameCalls,
    stockInputs: denseInput,
    stock: ({ x }) => {
      return () => tf.moments(x, ROWS);
    },
  },
  BatchNormApply: {
    title: 'BatchNorm (+ ReLU)',
    product: false,
    describe: normText,
    cost: (call) => ({ flops: 3 * normSize(call), bytes: 8 * normSize(call) }),
    stockInputs: denseInput,
    stock:
      ({ x, mean, variance, ...rest }, call) =>
      () =>
        normalized(x, mean, variance, rest, call),
  },
  BatchNormGrad: {
    title: 'BatchNorm, forward and gradient',
    product: false,
    describe: normText,
    cost: (call) => {
      const { training } = call.attributes as unknown as BatchNormGradAttributes;
      const size = normSize(call);
      const passes = call.inputs.into ? 32 : 28;
      return { flops: (training ? 22 : 18) * size, bytes: (passes + (training ? 4 : 0)) * size };
    },
    ours: ourNorm,
    stockInputs: (call) => {
      const inputs = denseInput(call);
      return inputs.into ? { ...inputs, into: narrowed(inputs.into, channelsOf(call)) } : inputs;
    },
    stock: stockNorm,
  },
  MoveStatistics: {
    title: 'moving statistics',
    product: false,
    describe: ({ inputs }) => String(inputs.mean.shape[0]),
    cost: ({ inputs }) => ({ flops: 6 * sizeOf(inputs.mean), bytes: 24 * sizeOf(inputs.mean) }),
    ours: sameCalls,
    stock: ({ movingMean, movingVariance, mean, variance }, { attributes }) => {
      const momentum = Number(attributes.momentum);
      return () => [movingAverage(movingMean, mean, momentum), movingAverage(movingVariance, variance, momentum)];
    },
  },
  ReluGrad: {
    title: 'ReLU gradient',
    product: false,
    describe: ({ inputs }) => shapeText(inputs.dy),
    cost: ({ inputs }) => ({ flops: sizeOf(inputs.dy), bytes: 12 * sizeOf(inputs.dy) }),
    stock:
      ({ y, dy }) =>
      () =>
        tf.mul(dy, tf.cast(tf.step(y), 'float32')),
  },
  AddInto: {
    title: 'sum of gradients',
    product: false,
    describe: ({ inputs }) => shapeText(inputs.into),
    cost: ({ inputs }) => ({ flops: sizeOf(inputs.into), bytes: 12 * sizeOf(inputs.into) }),
    ours: sameCalls,
    stock:
      ({ from, into }) =>
      () =>
        tf.add(into, from),
  },
  CopyChannels: {
    title: 'concatenation, one more part',
    product: false,
    describe: ({ inputs, attributes }) =>
      `${inputs.into.shape.slice(1, 3).join('x')}x${Number(attributes.first)}, ${inputs.from.shape[3]} more`,
    cost: ({ inputs }) => ({ flops: 0, bytes: 8 * sizeOf(inputs.from) }),
    ours: sameCalls,
    // The first part starts a block, where tf.layers does nothing.
    stockInputs: ({ inputs: { from }, attributes }) =>
      Number(attributes.first) === 0 ? null : { from, before: narrowed(from, Number(attributes.first)) },
    stock:
      ({ before, from }) =>
      () =>
        tf.concat([before, from], 3),
  },
  MaxPoolGrad: {
    title: 'max pooling gradient',
    product: false,
    describe: ({ inputs, attributes }) =>
      `${shapeText(inputs.input)}, ${windowText(attributes as unknown as PoolAttributes)}`,
    cost: ({ inputs }) => ({
      flops: 9 * sizeOf(inputs.input),
      bytes: 8 * (sizeOf(inputs.input) + sizeOf(inputs.output)),
    }),
    derive: ({ input }, { attributes }) => {
      const { filterSize, strides, pad } = attributes as unknown as PoolAttributes;
      return { output: tf.maxPool(input as tf.Tensor4D, filterSize, strides, pad as 'same') };
    },
  },
  AveragePoolGrad: {
    title: 'average pooling gradient',
    product: false,
    describe: (call) => {
      const { inputShape } = averageAttributes(call);
      return `${inputShape.slice(1).join('x')}, ${windowText(averageAttributes(call))}`;
    },
    cost: (call) => {
      const size = tf.util.sizeFromShape(averageAttributes(call).inputShape);
      return { flops: 9 * size, bytes: 4 * (size + sizeOf(call.inputs.dy)) };
    },
    stockInputs: (call) => {
      return { ...call.inputs, input: { shape: averageAttributes(call).inputShape, dtype: 'float32' } };
    },
    stock: ({ dy, input }, call) => {
      const attributes = averageAttributes(call);
      const { filterSize, inputShape } = attributes;
      if (!Array.isArray(filterSize)) return () => runKernel('AvgPoolGrad', { dy, input }, { ...attributes });
      // The gradient of `tf.mean`, which is what a global pooling is there.
      return () => tf.div(tf.mul(dy, tf.ones(inputShape)), filterSize[0] * filterSize[1]);
    },
  },
  GlobalAveragePool: {
    title: 'global mean',
    product: false,
    describe: ({ inputs }) => shapeText(inputs.x),
    cost: ({ inputs }) => ({ flops: sizeOf(inputs.x), bytes: 4 * sizeOf(inputs.x) }),
    stock:
      ({ x }) =>
      () =>
        tf.mean(x, [1, 2]),
  },
  SoftmaxCrossEntropy: {
    title: 'softmax cross-entropy',
    product: false,
    describe: ({ inputs }) => `[${inputs.logits.shape.join(', ')}]`,
    cost: ({ inputs }) => ({ flops: 6 * sizeOf(inputs.logits), bytes: 8 * sizeOf(inputs.logits) }),
    ours: sameCalls,
    stock: ({ logits, labels }) => {
      const target = tf.oneHot(labels, logits.shape[1] ?? 1).toFloat();
      const lossOf = (z: tf.Tensor) => tf.metrics.categoricalCrossentropy(target, tf.softmax(z)).mean();
      const lossAndGradient = tf.valueAndGrad(lossOf);
      return () => lossAndGradient(logits);
    },
  },
  AugmentImages: {
    title: 'augmentation, with the upload',
    product: false,
    describe: ({ attributes }) => `${attributes.size}x${attributes.size}x3`,
    cost: ({ attributes }) => {
      const size = Number(attributes.batch) * Number(attributes.size) ** 2 * 3;
      return { flops: 120 * size, bytes: 4.25 * size };
    },
    ours: (_tensors, call) => {
      const { pixels, transforms } = augmentationOf(call);
      return () => augmentImages(pixels, transforms, false);
    },
    stockInputs: () => ({}),
    stock: (_tensors, call) => {
      const { pixels, transforms } = augmentationOf(call);
      return () => augmentedInput(pixels, transforms, false);
    },
  },
};

/** One batch of random pixels, and the notebook's transforms. */
function augmentationOf({ attributes }: KernelCall) {
  const [count, size] = [Number(attributes.batch), Number(attributes.size)];
  const stream = RandomStream.named(1, 'bench');
  const data = Uint8Array.from({ length: count * size * size * 3 }, () => stream.bits() & 255);
  const { augmentation } = notebookRecipe('baseline');
  const transforms = Array.from({ length: count }, () => drawTransform(augmentation, size, stream));
  return { pixels: { data, count, size }, transforms };
}
