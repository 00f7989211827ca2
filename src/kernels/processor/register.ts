/**
 * @file Which kernels the backend `processor` has: all of TensorFlow.js' CPU backend, and over them ours.
 *
 * The names of ours are those of the WebGPU device; networks/ and training/ do not know which of the two they use.
 */

import * as tf from '@tensorflow/tfjs';
import { overriding } from '../overriding';
import { productKernels } from '../product-kernels';
import { adamUpdate, adamUpdateMany } from './adam-update';
import { addInto } from './add-into';
import { augmentImages } from './augment-images';
import { averagePoolGrad } from './average-pool-grad';
import { batchNormApply } from './batch-norm-apply';
import { batchNormGrad } from './batch-norm-grad';
import { batchNormTrain } from './batch-norm-train';
import { biasGrad } from './bias-grad';
import { cast } from './cast';
import { conv2d, conv2dBackpropFilter, conv2dBackpropInput } from './conv2d';
import { concat, pad, slice, split } from './copies';
import { copyChannels } from './copy-channels';
import { denseAdamUpdate, denseSgdUpdate } from './dense-update';
import { emptyTensor } from './empty-tensor';
import { fill } from './fill';
import { globalAveragePool } from './global-average-pool';
import { matMul } from './mat-mul';
import { moveStatistics } from './move-statistics';
import { averagePool, maxPool, maxPoolGrad } from './pooling';
import { ProcessorBackend } from './processor-backend';
import type { ProcessorDevice } from './processor-device';
import { relu, reluGrad } from './relu';
import { sgdUpdate, sgdUpdateMany } from './sgd-update';
import { softmaxCrossEntropy } from './softmax-cross-entropy';

export const PROCESSOR = 'processor';

type Result = tf.TensorInfo | tf.TensorInfo[];

/** A kernel of ours that ends half-way leaves nothing in the memory. */
function attempted(run: tf.KernelFunc): tf.KernelFunc {
  return (call) => (call.backend as ProcessorBackend).attempt(() => run(call));
}

/** Inputs and attributes come untyped from the engine; each kernel states its own. */
function kernel<Inputs, Attributes>(
  run: (backend: ProcessorBackend, inputs: Inputs, attributes: Attributes) => Result,
): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => run(backend as ProcessorBackend, inputs as Inputs, attrs as Attributes);
}

/** The same for a kernel that writes into its own inputs and returns nothing. */
function inPlace<Inputs, Attributes>(
  run: (backend: ProcessorBackend, inputs: Inputs, attributes: Attributes) => void,
): tf.KernelFunc {
  return kernel((backend, inputs: Inputs, attributes: Attributes) => {
    run(backend, inputs, attributes);
    return [];
  });
}

const OURS: Record<string, tf.KernelFunc> = {
  AdamUpdate: inPlace(adamUpdate),
  AdamUpdateMany: inPlace(adamUpdateMany),
  AddInto: inPlace(addInto),
  AugmentImages: kernel(augmentImages),
  AveragePoolGrad: kernel(averagePoolGrad),
  BatchNormApply: kernel(batchNormApply),
  BatchNormGrad: kernel(batchNormGrad),
  BatchNormTrain: kernel(batchNormTrain),
  BiasGrad: kernel(biasGrad),
  CopyChannels: inPlace(copyChannels),
  DenseAdamUpdate: inPlace(denseAdamUpdate),
  DenseSgdUpdate: inPlace(denseSgdUpdate),
  EmptyTensor: kernel((backend, _inputs: object, { shape }: { shape: number[] }) => emptyTensor(backend, shape)),
  GlobalAveragePool: kernel(globalAveragePool),
  MoveStatistics: inPlace(moveStatistics),
  ReluGrad: kernel(reluGrad),
  SgdUpdate: inPlace(sgdUpdate),
  SgdUpdateMany: inPlace(sgdUpdateMany),
  SoftmaxCrossEntropy: kernel(softmaxCrossEntropy),
};

const OVERRIDES: Record<string, (stock: tf.KernelFunc) => tf.KernelFunc> = {
  ...productKernels<ProcessorBackend>({ conv2d, conv2dBackpropFilter, conv2dBackpropInput, matMul }),
  [tf.Cast]: overriding(cast),
  [tf.Relu]: overriding(relu),
  [tf.MaxPool]: overriding(maxPool),
  [tf.AvgPool]: overriding(averagePool),
  [tf.MaxPoolGrad]: overriding(maxPoolGrad),
  [tf.Concat]: overriding(concat),
  [tf.Slice]: overriding(slice),
  [tf.SplitV]: overriding(split),
  [tf.PadV2]: overriding(pad),
  [tf.Fill]: overriding(fill),
};

/** Makes the backend `processor` on this device, with its kernels. It replaces an earlier one. */
export function registerProcessor(device: ProcessorDevice): void {
  if (tf.findBackend(PROCESSOR)) tf.removeBackend(PROCESSOR);
  tf.registerBackend(PROCESSOR, () => new ProcessorBackend(device), 0);
  if (tf.getKernelsForBackend(PROCESSOR).length > 0) return;
  for (const stock of tf.getKernelsForBackend('cpu')) {
    if (stock.kernelName in OURS) continue;
    const over = OVERRIDES[stock.kernelName] as (typeof OVERRIDES)[string] | undefined;
    tf.registerKernel({
      ...stock,
      backendName: PROCESSOR,
      kernelFunc: over ? attempted(over(stock.kernelFunc)) : stock.kernelFunc,
    });
  }
  for (const [kernelName, kernelFunc] of Object.entries(OURS)) {
    tf.registerKernel({ kernelName, backendName: PROCESSOR, kernelFunc: attempted(kernelFunc) });
  }
}
