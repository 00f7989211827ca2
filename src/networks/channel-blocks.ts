/** @file The tensors of shared blocks (architectures/shared-blocks.ts): channels written to and read from their place. */

import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel, runKernels } from './layers/run-kernel';

/** Whether the active backend can write to channels in place; without it every concatenation copies. */
export function canShareBlocks(): boolean {
  return hasKernel('CopyChannels');
}

/** A block `[B, H, W, width]` of undefined content but for its first channels, those of `first`. */
export function startBlock(first: tf.Tensor, width: number): tf.Tensor {
  const block = runKernel('EmptyTensor', {}, { shape: [...first.shape.slice(0, 3), width] });
  writeChannels(block, first, 0);
  return block;
}

/** Writes `from` `[B, H, W, C]` to the channels `first .. first + C` of the block, for all who share it. */
export function writeChannels(block: tf.Tensor, from: tf.Tensor, first: number): void {
  tf.tidy(() => {
    runKernels('CopyChannels', { from, into: block }, { first });
  });
}

/** A copy of the channels `first .. first + count`. */
export function readChannels(block: tf.Tensor, first: number, count: number): tf.Tensor {
  const [batch, height, width] = block.shape;
  return tf.slice(block, [0, 0, 0, first], [batch, height, width, count]);
}
