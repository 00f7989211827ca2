/**
 * @file Which kernels of ours TensorFlow.js runs on WebGPU: some in place of stock ones, some under new names.
 *
 * The new names ({@link ADDED}) are for `tf.engine().runKernel`; callers compose stock operations where
 * `tf.getKernel(name, backend)` knows none. Calls that an overriding kernel does not support go to the stock one.
 */

import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { adamUpdate } from './adam-update';
import { addInto } from './add-into';
import { type AugmentImagesAttributes, type AugmentImagesInputs, augmentImages } from './augment-images';
import { averagePoolGrad } from './average-pool-grad';
import { type BatchNormApplyAttributes, type BatchNormApplyInputs, batchNormApply } from './batch-norm-apply';
import { type BatchNormGradAttributes, type BatchNormGradInputs, batchNormGrad } from './batch-norm-grad';
import { batchNormTrain } from './batch-norm-train';
import { biasGrad } from './bias-grad';
import { conv2d } from './conv2d';
import { conv2dBackpropFilter } from './conv2d-backprop-filter';
import { conv2dBackpropInput } from './conv2d-backprop-input';
import { type ConvAttributes, convInfoOf } from './conv2d-geometry';
import { copyChannels } from './copy-channels';
import { denseAdamUpdate, denseSgdUpdate } from './dense-update';
import { emptyTensor } from './empty-tensor';
import { globalAveragePool } from './global-average-pool';
import { type MatMulShape, matMul, matMulShapeOf } from './mat-mul';
import { maxPoolGrad } from './max-pool-grad';
import { moveStatistics } from './move-statistics';
import type { PoolAttributes } from './pool-geometry';
import { reluGrad } from './relu-grad';
import { sgdUpdate } from './sgd-update';
import { softmaxCrossEntropy } from './softmax-cross-entropy';
import { adamUpdateMany, sgdUpdateMany } from './update-many';

const BACKEND = 'webgpu';

/** Inputs and attributes come untyped from the engine; each kernel states its own. */
type OwnKernel<Inputs, Attributes> = (
  backend: WebGPUBackend,
  inputs: Inputs,
  attributes: Attributes,
) => tf.TensorInfo | tf.TensorInfo[];

function added<Inputs, Attributes>(run: OwnKernel<Inputs, Attributes>): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => run(backend as WebGPUBackend, inputs as Inputs, attrs as Attributes);
}

/** The same for a kernel that writes into its own inputs and returns nothing. */
function inPlace<Inputs, Attributes>(
  run: (backend: WebGPUBackend, inputs: Inputs, attributes: Attributes) => void,
): tf.KernelFunc {
  return added((backend, inputs: Inputs, attributes: Attributes) => {
    run(backend, inputs, attributes);
    return [];
  });
}

/** A null result passes the call to the stock kernel. */
function overriding<Inputs, Attributes>(
  run: (backend: WebGPUBackend, inputs: Inputs, attributes: Attributes) => tf.TensorInfo | null,
) {
  return (stock: tf.KernelFunc): tf.KernelFunc =>
    (call) =>
      run(call.backend as WebGPUBackend, call.inputs as Inputs, call.attrs as Attributes) ?? stock(call);
}

interface Finish {
  bias?: tf.TensorInfo;
  preluActivationWeights?: tf.TensorInfo;
}

interface FinishAttributes {
  activation: string;
}

/** Bias and activation for our products, or null when they do not support them. */
function finishOf({ bias, preluActivationWeights }: Finish, { activation }: FinishAttributes, columns: number) {
  const known = activation === 'linear' || activation === 'relu';
  if (!known || preluActivationWeights || (bias && tf.util.sizeFromShape(bias.shape) !== columns)) return null;
  return { bias, relu: activation === 'relu' };
}

const ADDED: Record<string, tf.KernelFunc> = {
  BatchNormTrain: added((backend, { x }: { x: tf.TensorInfo }, attributes: { channels?: number }) =>
    batchNormTrain(backend, x, attributes),
  ),
  BatchNormApply: added((backend, inputs: BatchNormApplyInputs, attributes: BatchNormApplyAttributes) =>
    batchNormApply(backend, inputs, attributes),
  ),
  BatchNormGrad: added((backend, inputs: BatchNormGradInputs, attributes: BatchNormGradAttributes) =>
    batchNormGrad(backend, inputs, attributes),
  ),
  BiasGrad: added((backend, { dy }: { dy: tf.TensorInfo }) => biasGrad(backend, dy)),
  ReluGrad: added((backend, inputs: { y: tf.TensorInfo; dy: tf.TensorInfo }) => reluGrad(backend, inputs)),
  AveragePoolGrad: added(
    (backend, { dy }: { dy: tf.TensorInfo }, attributes: PoolAttributes & { inputShape: number[] }) =>
      averagePoolGrad(backend, dy, attributes),
  ),
  GlobalAveragePool: added((backend, { x }: { x: tf.TensorInfo }) => globalAveragePool(backend, x)),
  AddInto: inPlace(addInto),
  EmptyTensor: added((backend, _inputs: object, { shape }: { shape: number[] }) => emptyTensor(backend, shape)),
  CopyChannels: inPlace(copyChannels),
  MoveStatistics: inPlace(moveStatistics),
  AdamUpdate: inPlace(adamUpdate),
  SgdUpdate: inPlace(sgdUpdate),
  AdamUpdateMany: inPlace(adamUpdateMany),
  SgdUpdateMany: inPlace(sgdUpdateMany),
  DenseAdamUpdate: inPlace(denseAdamUpdate),
  DenseSgdUpdate: inPlace(denseSgdUpdate),
  AugmentImages: added((backend, inputs: AugmentImagesInputs, attributes: AugmentImagesAttributes) =>
    augmentImages(backend, inputs, attributes),
  ),
  SoftmaxCrossEntropy: added((backend, { logits, labels }: { logits: tf.TensorInfo; labels: tf.TensorInfo }) =>
    softmaxCrossEntropy(backend, logits, labels),
  ),
};

interface ConvInputs extends Finish {
  x: tf.TensorInfo;
  filter: tf.TensorInfo;
}

const OVERRIDES: Record<string, (stock: tf.KernelFunc) => tf.KernelFunc> = {
  [tf.Conv2D]: overriding((backend, { x, filter }: ConvInputs, attributes: ConvAttributes) => {
    const info = convInfoOf(x.shape, filter.shape, attributes);
    return info && conv2d(backend, x, filter, info);
  }),
  [tf.FusedConv2D]: overriding((backend, inputs: ConvInputs, attributes: ConvAttributes & FinishAttributes) => {
    const info = convInfoOf(inputs.x.shape, inputs.filter.shape, attributes);
    const finish = info && finishOf(inputs, attributes, info.outChannels);
    return finish && conv2d(backend, inputs.x, inputs.filter, info, finish);
  }),
  [tf.Conv2DBackpropFilter]: overriding(
    (
      backend,
      { x, dy }: { x: tf.TensorInfo; dy: tf.TensorInfo },
      attributes: ConvAttributes & { filterShape: number[] },
    ) => {
      const info = convInfoOf(x.shape, attributes.filterShape, attributes);
      return info && conv2dBackpropFilter(backend, x, dy, info);
    },
  ),
  [tf.Conv2DBackpropInput]: overriding(
    (
      backend,
      { dy, filter }: { dy: tf.TensorInfo; filter: tf.TensorInfo },
      attributes: ConvAttributes & { inputShape: number[] },
    ) => {
      const info = convInfoOf(attributes.inputShape, filter.shape, attributes);
      return info && conv2dBackpropInput(backend, dy, filter, info);
    },
  ),
  [tf.MaxPoolGrad]: overriding(maxPoolGrad),
  [tf.BatchMatMul]: overriding(
    (
      backend,
      { a, b }: { a: tf.TensorInfo; b: tf.TensorInfo },
      attributes: { transposeA: boolean; transposeB: boolean },
    ) => {
      const shape = matMulShapeOf(a, b, attributes);
      return shape && matMul(backend, a, b, shape);
    },
  ),
  [tf._FusedMatMul]: overriding(
    (
      backend,
      inputs: Finish & { a: tf.TensorInfo; b: tf.TensorInfo },
      attributes: { transposeA: boolean; transposeB: boolean } & FinishAttributes,
    ) => {
      const shape: MatMulShape | null = matMulShapeOf(inputs.a, inputs.b, attributes);
      const finish = shape && finishOf(inputs, attributes, shape.n);
      return finish && matMul(backend, inputs.a, inputs.b, shape, finish);
    },
  ),
};

/** The stock kernels that ours replace; empty while ours are off. */
const stockKernels = new Map<string, tf.KernelConfig>();

/** Switches our kernels on for the backend `webgpu`. Calling it again does nothing. */
export function registerKernels(): void {
  if (stockKernels.size > 0) return;
  for (const [kernelName, override] of Object.entries(OVERRIDES)) {
    const stock = tf.getKernel(kernelName, BACKEND);
    stockKernels.set(kernelName, stock);
    tf.unregisterKernel(kernelName, BACKEND);
    tf.registerKernel({ ...stock, kernelFunc: override(stock.kernelFunc) });
  }
  for (const [kernelName, kernelFunc] of Object.entries(ADDED)) {
    tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
  }
}

/** Restores the stock kernels and removes the new names. */
export function unregisterKernels(): void {
  if (stockKernels.size === 0) return;
  for (const [kernelName, stock] of stockKernels) {
    tf.unregisterKernel(kernelName, BACKEND);
    tf.registerKernel(stock);
  }
  for (const kernelName of Object.keys(ADDED)) tf.unregisterKernel(kernelName, BACKEND);
  stockKernels.clear();
}
