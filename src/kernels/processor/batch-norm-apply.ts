/** @file `BatchNormApply`: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, then ReLU where asked, in one pass. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { BatchNormApplyAttributes, BatchNormApplyInputs } from '../batch-norm-inputs';
import { columnBlocks } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** To a dense [B, H, W, C]. */
export function batchNormApply(
  backend: ProcessorBackend,
  { x, mean, variance, gamma, beta }: BatchNormApplyInputs,
  { epsilon, relu, channels: wanted }: BatchNormApplyAttributes,
): TensorInfo {
  const { rows, channels, rowBytes, rowParts } = columnBlocks(x.shape, wanted);
  const y = backend.makeOnHeap([...x.shape.slice(0, -1), channels]);
  const statistics = [mean, variance, gamma ?? 0, beta ?? 0];
  backend.run('batchNormApply', rowParts, [
    ...[x, y, ...statistics, rows, channels, rowBytes],
    { float: epsilon },
    relu ? 1 : 0,
  ]);
  return y;
}
