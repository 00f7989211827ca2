/**
 * @file `AveragePoolGrad`: gradient of average pooling without its input: each pixel sums over the windows that cover it, and each
 * window divides by the number of pixels that it really covers.
 */

import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs';
import type { PoolAttributes } from '../pool-inputs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** dy [B, H', W', C] to [B, H, W, C]. */
export function averagePoolGrad(
  backend: ProcessorBackend,
  { dy }: { dy: TensorInfo },
  { inputShape, filterSize, strides, pad, dimRoundingMode }: PoolAttributes & { inputShape: number[] },
): TensorInfo {
  const shape = inputShape as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const dx = backend.makeOnHeap(inputShape);
  const rows = info.batchSize * info.inHeight;
  const parts = Math.min(rows, elementParts(util.sizeFromShape(inputShape)));
  backend.run('averagePoolGrad', parts, [
    ...[dy, dx, rows, info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
  ]);
  return dx;
}
