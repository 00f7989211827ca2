/** @file Convolutions, their gradients and dense layers. */

import * as tf from '@tensorflow/tfjs';
import { type ConvAttributes, type ConvInfo, convInfoOf } from '../kernels/conv2d-geometry';
import { type CallCost, type KernelRow, sameCall, sizeOf, type Tensors } from './kernel-row';
import type { KernelCall } from './record-calls';

/** The recorded geometry; `x` and `filter` are where this kernel names their shapes. */
interface ConvShapes {
  x: number[];
  filter: number[];
}

const forwardShapes = ({ inputs }: KernelCall): ConvShapes => ({ x: inputs.x.shape, filter: inputs.filter.shape });
const filterShapes = ({ inputs, attributes }: KernelCall): ConvShapes => {
  return { x: inputs.x.shape, filter: attributes.filterShape as number[] };
};
const inputShapes = ({ inputs, attributes }: KernelCall): ConvShapes => {
  return { x: attributes.inputShape as number[], filter: inputs.filter.shape };
};

function convRow(title: string, shapesOf: (call: KernelCall) => ConvShapes): KernelRow {
  const infoOf = (call: KernelCall): ConvInfo => {
    const { x, filter } = shapesOf(call);
    const info = convInfoOf(x, filter, call.attributes as unknown as ConvAttributes);
    if (!info) throw new Error(`${title} of a kind that no network here has`);
    return info;
  };
  const formOf = (call: KernelCall) => {
    const { filterHeight, filterWidth, strideHeight } = infoOf(call);
    return `${filterHeight}x${filterWidth}${strideHeight > 1 ? ` stride ${strideHeight}` : ''}`;
  };
  return {
    title,
    product: true,
    form: formOf,
    describe: (call) => `${shapesOf(call).x.slice(1).join('x')}, ${formOf(call)} to ${infoOf(call).outChannels}`,
    cost: (call): CallCost => {
      const { x, filter } = shapesOf(call);
      const { outShape, inChannels, filterHeight, filterWidth } = infoOf(call);
      const out = tf.util.sizeFromShape(outShape);
      const sizes = [x, filter].map((shape) => tf.util.sizeFromShape(shape));
      return { flops: 2 * out * filterHeight * filterWidth * inChannels, bytes: 4 * (out + sizes[0] + sizes[1]) };
    },
  };
}

interface Finish {
  activation: string;
}

/** tf.layers' call of a convolution: fused only while nothing is recorded, or without an activation. */
function convUnderTape(tensors: Tensors, call: KernelCall) {
  const { strides, pad, activation } = call.attributes as unknown as ConvAttributes & Finish;
  const { x, filter, bias } = tensors as { x: tf.Tensor4D; filter: tf.Tensor4D; bias?: tf.Tensor };
  if (activation !== 'relu') return sameCall(tensors, call);
  return () => {
    const y = tf.conv2d(x, filter, strides, pad as 'same');
    return tf.relu(bias ? tf.add(y, bias) : y);
  };
}

/** Rows, columns and length of the sums. */
function matMulSizes({ inputs: { a, b }, attributes }: KernelCall): [m: number, n: number, k: number] {
  const [height, width] = a.shape.slice(-2);
  const [m, k] = attributes.transposeA ? [width, height] : [height, width];
  return [m, b.shape.at(attributes.transposeB ? -2 : -1) ?? 1, k];
}

function matMulRow(title: string): KernelRow {
  return {
    title,
    product: true,
    describe: (call) => {
      const [m, n, k] = matMulSizes(call);
      return `[${m}, ${k}] x [${k}, ${n}]${call.attributes.transposeB ? ' transposed' : ''}`;
    },
    cost: (call) => {
      const [m, n, k] = matMulSizes(call);
      return { flops: 2 * m * n * k, bytes: 4 * (m * k + k * n + m * n) };
    },
  };
}

export const PRODUCT_ROWS: Record<string, KernelRow> = {
  FusedConv2D: { ...convRow('convolution', forwardShapes), stock: convUnderTape },
  Conv2D: convRow('convolution', forwardShapes),
  Conv2DBackpropFilter: convRow('filter gradient', filterShapes),
  Conv2DBackpropInput: convRow('input gradient', inputShapes),
  _FusedMatMul: {
    ...matMulRow('dense'),
    stock: (tensors, call) => {
      const { activation } = call.attributes as unknown as Finish;
      const { a, b, bias } = tensors;
      if (activation !== 'relu') return sameCall(tensors, call);
      return () => tf.relu(bias ? tf.add(tf.matMul(a, b), bias) : tf.matMul(a, b));
    },
  },
  BatchMatMul: matMulRow('dense, input gradient'),
  BiasGrad: {
    title: 'bias gradient',
    product: false,
    describe: ({ inputs }) => inputs.dy.shape.slice(1).join('x'),
    cost: ({ inputs }) => ({ flops: sizeOf(inputs.dy), bytes: 4 * sizeOf(inputs.dy) }),
    stock: ({ dy }) => {
      const axes = dy.shape.slice(1).map((_, axis) => axis);
      return () => tf.sum(dy, axes);
    },
  },
};
