/** @file The stock kernels that are products, over a device's own: which calls it computes, from their inputs and attributes. */

import * as tf from '@tensorflow/tfjs';
import { type ConvAttributes, type ConvInfo, convInfoOf } from './conv2d-geometry';
import {
  type Finish,
  type FinishAttributes,
  type FinishInputs,
  finishOf,
  type MatMulShape,
  matMulShapeOf,
} from './mat-mul-shape';
import { overriding } from './overriding';

/** The products that a device has. */
export interface Products<Backend> {
  /** x [B, H, W, C], filter [h, w, C, D], bias [D], to [B, H', W', D]. */
  conv2d(backend: Backend, x: tf.TensorInfo, filter: tf.TensorInfo, info: ConvInfo, finish?: Finish): tf.TensorInfo;
  /** x [B, H, W, C], dy [B, H', W', D], to [h, w, C, D]. */
  conv2dBackpropFilter(backend: Backend, x: tf.TensorInfo, dy: tf.TensorInfo, info: ConvInfo): tf.TensorInfo;
  /** dy [B, H', W', D], filter [h, w, C, D], to [B, H, W, C]. */
  conv2dBackpropInput(backend: Backend, dy: tf.TensorInfo, filter: tf.TensorInfo, info: ConvInfo): tf.TensorInfo;
  /** a [M, K] (or [K, M] transposed), b [K, N] (or [N, K] transposed), bias [N], to [M, N]. */
  matMul(
    backend: Backend,
    a: tf.TensorInfo,
    b: tf.TensorInfo,
    shape: MatMulShape,
    finish?: Finish,
  ): tf.TensorInfo | null;
}

interface ConvInputs extends FinishInputs {
  x: tf.TensorInfo;
  filter: tf.TensorInfo;
}

interface MatMulInputs extends FinishInputs {
  a: tf.TensorInfo;
  b: tf.TensorInfo;
}

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

/** Each to be laid over the stock kernel of its name. */
export function productKernels<Backend>({
  conv2d,
  conv2dBackpropFilter,
  conv2dBackpropInput,
  matMul,
}: Products<Backend>): Record<string, (stock: tf.KernelFunc) => tf.KernelFunc> {
  return {
    [tf.Conv2D]: overriding((backend: Backend, { x, filter }: ConvInputs, attributes: ConvAttributes) => {
      const info = convInfoOf(x.shape, filter.shape, attributes);
      return info && conv2d(backend, x, filter, info);
    }),
    [tf.FusedConv2D]: overriding(
      (backend: Backend, inputs: ConvInputs, attributes: ConvAttributes & FinishAttributes) => {
        const info = convInfoOf(inputs.x.shape, inputs.filter.shape, attributes);
        const finish = info && finishOf(inputs, attributes, info.outChannels);
        return finish && conv2d(backend, inputs.x, inputs.filter, info, finish);
      },
    ),
    [tf.Conv2DBackpropFilter]: overriding(
      (
        backend: Backend,
        { x, dy }: { x: tf.TensorInfo; dy: tf.TensorInfo },
        attributes: ConvAttributes & { filterShape: number[] },
      ) => {
        const info = convInfoOf(x.shape, attributes.filterShape, attributes);
        return info && conv2dBackpropFilter(backend, x, dy, info);
      },
    ),
    [tf.Conv2DBackpropInput]: overriding(
      (
        backend: Backend,
        { dy, filter }: { dy: tf.TensorInfo; filter: tf.TensorInfo },
        attributes: ConvAttributes & { inputShape: number[] },
      ) => {
        const info = convInfoOf(attributes.inputShape, filter.shape, attributes);
        return info && conv2dBackpropInput(backend, dy, filter, info);
      },
    ),
    [tf.BatchMatMul]: overriding((backend: Backend, { a, b }: MatMulInputs, attributes: MatMulAttributes) => {
      const shape = matMulShapeOf(a, b, attributes);
      return shape && matMul(backend, a, b, shape);
    }),
    [tf._FusedMatMul]: overriding(
      (backend: Backend, inputs: MatMulInputs, attributes: MatMulAttributes & FinishAttributes) => {
        const shape = matMulShapeOf(inputs.a, inputs.b, attributes);
        const finish = shape && finishOf(inputs, attributes, shape.n);
        return finish && matMul(backend, inputs.a, inputs.b, shape, finish);
      },
    ),
  };
}
