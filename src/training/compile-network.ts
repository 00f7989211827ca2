/** @file Compiles the programs of a network's training steps and of its evaluation before the first batch. */

import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Recipe } from '../domain/recipe';
import { compileAhead } from '../kernels/compile-ahead';
import { backward, forward, releasePass } from '../networks/execute';
import type { Network } from '../networks/network';
import { planInference, planTraining } from '../networks/plan';
import type { Optimizer } from './optimizer';

/**
 * Does nothing where our kernels are not registered: stock updates replace weights by what they computed, which here is
 * nothing. Weights, statistics and slots stay as they are.
 *
 * @param batchSizes that will occur, the short last one too: small products take other programs than large ones.
 */
export async function compileNetwork(
  network: Network,
  optimizer: Optimizer,
  { inputSize, frozenBatchNorm }: Recipe,
  batchSizes: { training: number[]; inference: number[] },
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  if (tf.getKernel('AdamUpdate', tf.getBackend()) === undefined) return;
  optimizer.prepare(network);
  const picture = (batch: number) => tf.fill([batch, inputSize, inputSize, 3], 0);
  const train = (batch: number) => {
    const x = picture(batch);
    const pass = forward(network, planTraining(network.graph), x, { training: true, frozenBatchNorm });
    const dLogits = tf.fill(pass.logits.shape, 0);
    backward(pass, dLogits, (spec, gradient) => optimizer.apply(network, spec, gradient));
    optimizer.endStep();
    tf.dispose([x, dLogits]);
  };
  const infer = (batch: number) => {
    const x = picture(batch);
    releasePass(forward(network, planInference(network.graph), x, { training: false }));
    x.dispose();
  };
  const work = () => {
    for (const batch of new Set(batchSizes.training)) train(batch);
    for (const batch of new Set(batchSizes.inference)) infer(batch);
  };
  // Tidied, so that nothing is left when a buffer is refused half-way.
  await compileAhead(tf.backend() as WebGPUBackend, () => tf.tidy(work), onProgress);
  // They were made of nothing.
  network.dropFolded();
}
