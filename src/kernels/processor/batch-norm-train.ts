/** @file `BatchNormTrain`: mean and biased variance of each channel of a batch, in float32 as exact as its sums of blocks are. */

import type { TensorInfo } from '@tensorflow/tfjs';
import { columnBlocks } from './parts';
import type { ProcessorBackend } from './processor-backend';

/**
 * x [B, H, W, C'] to mean [C] and biased variance [C].
 * @param channels C: the first channels of x are the input; by default all.
 */
export function batchNormTrain(
  backend: ProcessorBackend,
  { x }: { x: TensorInfo },
  { channels: wanted }: { channels?: number } = {},
): [mean: TensorInfo, variance: TensorInfo] {
  const { rows, channels, rowBytes, blockRows, blocks, blockParts, combineParts, padded } = columnBlocks(
    x.shape,
    wanted,
  );
  const mean = backend.makeOnHeap([channels]);
  const variance = backend.makeOnHeap([channels]);
  backend.borrow(4 * 2 * padded * blocks, (partial) => {
    backend.run('momentBlocks', blockParts, [x, partial, rows, channels, rowBytes, blockRows, blocks]);
    backend.run('combineMoments', combineParts, [partial, mean, variance, rows, channels, blockRows, blocks]);
  });
  return [mean, variance];
}
