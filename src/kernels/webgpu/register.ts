/**
 * @file Which kernels of ours TensorFlow.js runs on WebGPU: some in place of stock ones, some under new names.
 *
 * The new names ({@link ADDED}) are for `tf.engine().runKernel`; callers compose stock operations where
 * `tf.getKernel(name, backend)` knows none. Calls that an overriding kernel does not support go to the stock one.
 */

import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { AugmentImagesAttributes, AugmentImagesInputs } from '../augment-inputs';
import type {
  BatchNormApplyAttributes,
  BatchNormApplyInputs,
  BatchNormGradAttributes,
  BatchNormGradInputs,
} from '../batch-norm-inputs';
import { overriding } from '../overriding';
import type { PoolAttributes } from '../pool-inputs';
import { productKernels } from '../product-kernels';
import { adamUpdate } from './adam-update';
import { addInto } from './add-into';
import { augmentImages } from './augment-images';
import { averagePoolGrad } from './average-pool-grad';
import { batchNormApply } from './batch-norm-apply';
import { batchNormGrad } from './batch-norm-grad';
import { batchNormTrain } from './batch-norm-train';
import { biasGrad } from './bias-grad';
import { conv2d } from './conv2d';
import { conv2dBackpropFilter } from './conv2d-backprop-filter';
import { conv2dBackpropInput } from './conv2d-backprop-input';
import { copyChannels } from './copy-channels';
import { denseAdamUpdate, denseSgdUpdate } from './dense-update';
import { emptyTensor } from './empty-tensor';
import { globalAveragePool } from './global-average-pool';
import { matMul } from './mat-mul';
import { maxPoolGrad } from './max-pool-grad';
import { moveStatistics } from './move-statistics';
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

const OVERRIDES: Record<string, (stock: tf.KernelFunc) => tf.KernelFunc> = {
  ...productKernels<WebGPUBackend>({ conv2d, conv2dBackpropFilter, conv2dBackpropInput, matMul }),
  [tf.MaxPoolGrad]: overriding(maxPoolGrad),
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
