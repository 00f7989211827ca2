/**
 * @file `BatchNormGrad`: the gradient of batch normalization, and of the ReLU after it where that is fused.
 *
 * With n = (x - mean) / sqrt(variance + epsilon): dbeta = sum dy, dgamma = sum dy n, and dx = scale dy in inference mode;
 * with batch statistics dx = scale (dy - dbeta / rows - n dgamma / rows), as mean and variance depend on x
 * (Ioffe and Szegedy 2015, section 3). Where the ReLU was zero is computed from x again, so that nobody keeps the output.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { BatchNormGradAttributes, BatchNormGradInputs } from '../batch-norm-inputs';
import { columnBlocks } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** To dx [B, H, W, C] (absent where `into` took it), dgamma [C], dbeta [C]. */
export function batchNormGrad(
  backend: ProcessorBackend,
  { x, dy, mean, variance, gamma, beta, into }: BatchNormGradInputs,
  { epsilon, training, relu, channels: wanted }: BatchNormGradAttributes,
): [dx: TensorInfo, dgamma: TensorInfo, dbeta: TensorInfo] | [dgamma: TensorInfo, dbeta: TensorInfo] {
  const { rows, channels, rowBytes, ...split } = columnBlocks(x.shape, wanted);
  const statistics = [mean, variance, gamma ?? 0, beta ?? 0];
  const common = [...statistics, rows, channels, rowBytes, { float: epsilon }, relu ? 1 : 0];

  const dgamma = backend.makeOnHeap([channels]);
  const dbeta = backend.makeOnHeap([channels]);
  const rowOfSums = 4 * split.padded;
  backend.borrow(2 * rowOfSums * split.blocks, (partial) => {
    const blockSlots = [x, dy, partial, ...common, split.blockRows, split.blocks];
    backend.run('batchNormGradBlocks', split.blockParts, blockSlots);
    backend.run('sumRows', split.combineParts, [partial, 2 * rowOfSums, split.blocks, channels, dgamma]);
    backend.run('sumRows', split.combineParts, [partial + rowOfSums, 2 * rowOfSums, split.blocks, channels, dbeta]);
  });

  const dx = into ?? backend.makeOnHeap([...x.shape.slice(0, -1), channels]);
  const sums = training ? [dgamma, dbeta] : [0, 0];
  backend.run('batchNormGradInput', split.rowParts, [x, dy, dx, ...common, ...sums, into ? 1 : 0]);
  return into ? [dgamma, dbeta] : [dx, dgamma, dbeta];
}
