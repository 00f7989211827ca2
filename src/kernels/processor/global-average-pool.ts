/** @file `GlobalAveragePool`: mean of each channel per image. */

import { type TensorInfo, util } from '@tensorflow/tfjs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** x [B, H, W, C] to [B, C]. */
export function globalAveragePool(backend: ProcessorBackend, { x }: { x: TensorInfo }): TensorInfo {
  const [images, height, width, channels] = x.shape;
  const mean = backend.makeOnHeap([images, channels]);
  backend.run('globalAveragePool', elementParts(util.sizeFromShape(x.shape)), [
    x,
    mean,
    images,
    height * width,
    channels,
  ]);
  return mean;
}
