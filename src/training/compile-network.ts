/** @file Compiles the programs of a network's training steps and of its evaluation before the first batch. */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { planInference, planTraining } from '../architectures/plan';
import type { PixelBatch } from '../domain/dataset';
import type { Recipe } from '../domain/recipe';
import { compileAhead } from '../kernels/webgpu/compile-ahead';
import { hasKernel } from '../networks/layers/run-kernel';
import type { Network } from '../networks/network';
import { augmentImages } from './augment-images';
import { IDENTITY_TRANSFORM } from './augmentation';
import { predict, toInput } from './evaluate';
import type { Optimizer } from './optimizer';
import { scaleInput } from './scale-input';
import { type TrainingOptions, trainStep } from './train-network';

/**
 * Does nothing on other devices than WebGPU, where there is nothing to compile, and where our kernels are not registered: stock
 * updates replace weights by what they computed, which here is nothing. Weights, statistics and slots stay as they are.
 *
 * @param batchSizes that will occur, the short last one too: small products take other programs than large ones.
 * @param signal when aborted, this resolves at once; programs not compiled by then are compiled when first used.
 * @param weighing and scaling of the run, which are programs too.
 */
export async function compileNetwork(
  network: Network,
  optimizer: Optimizer,
  { inputSize, frozenBatchNorm, augmentation }: Recipe,
  batchSizes: { training: number[]; inference: number[] },
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
  { classWeights, inputScaling }: Pick<TrainingOptions, 'classWeights' | 'inputScaling'> = {},
): Promise<void> {
  if (signal.aborted || tf.getBackend() !== 'webgpu' || !hasKernel('AdamUpdate')) return;
  optimizer.prepare(network);
  const { step } = optimizer;
  const { graph } = network;
  const pixels = (count: number): PixelBatch => {
    return { data: new Uint8Array(count * inputSize * inputSize * 3), count, size: inputSize };
  };
  const labels = (count: number) => Array.from({ length: count }, () => 0);
  const work = () => {
    for (const count of new Set(batchSizes.training)) {
      const transforms = Array.from({ length: count }, () => IDENTITY_TRANSFORM);
      const x = scaleInput(augmentImages(pixels(count), transforms, augmentation.clip), inputScaling);
      trainStep(network, planTraining(graph), optimizer, x, labels(count), frozenBatchNorm, classWeights);
    }
    for (const count of new Set(batchSizes.inference)) {
      predict(network, planInference(graph), toInput(pixels(count), inputScaling), labels(count));
    }
  };
  try {
    // Tidied, so that nothing is left when a buffer is refused half-way.
    await compileAhead(tf.backend() as WebGPUBackend, () => tf.tidy(work), onProgress, signal);
  } finally {
    optimizer.step = step;
    // They hold no computed numbers.
    network.dropFolded();
  }
}
