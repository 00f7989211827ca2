/** @file Maximum and average pooling, and the gradient of the maximum. */

import { backend_util, type TensorInfo } from '@tensorflow/tfjs';
import type { MaxPoolGradInputs, PoolAttributes } from '../pool-inputs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

type PoolInfo = ReturnType<typeof backend_util.computePool2DInfo>;

/** Channels of a part of the gradient: whole cache lines, so that no two threads write one. */
const PART_CHANNELS = 64;

/** x [B, H, W, C] to [B, H', W', C]. Null for other numbers than float32. */
export function maxPool(
  backend: ProcessorBackend,
  { x }: { x: TensorInfo },
  attributes: PoolAttributes,
): TensorInfo | null {
  if (x.dtype !== 'float32') return null;
  return pool(backend, 'maxPool', x, attributes);
}

/** x [B, H, W, C] to [B, H', W', C]; each window divides by what it covers of the image. */
export function averagePool(
  backend: ProcessorBackend,
  { x }: { x: TensorInfo },
  attributes: PoolAttributes,
): TensorInfo {
  return pool(backend, 'averagePool', x, attributes);
}

function pool(backend: ProcessorBackend, name: string, x: TensorInfo, attributes: PoolAttributes): TensorInfo {
  const info = infoOf(x.shape, attributes);
  const y = backend.makeOnHeap(info.outShape);
  const rows = info.batchSize * info.outHeight;
  const work = rows * info.outWidth * info.inChannels * info.filterHeight * info.filterWidth;
  backend.run(name, Math.min(rows, elementParts(work)), [x, y, rows, ...windowSlots(info)]);
  return y;
}

/** To [B, H, W, C]. Of equal maxima the first in a window's row-major order gets its gradient, as in TensorFlow. */
export function maxPoolGrad(
  backend: ProcessorBackend,
  { dy, input, output }: MaxPoolGradInputs,
  attributes: PoolAttributes,
): TensorInfo {
  const info = infoOf(input.shape, attributes);
  const dx = backend.makeOnHeap(input.shape);
  const parts = info.batchSize * Math.ceil(info.inChannels / PART_CHANNELS);
  backend.run('maxPoolGrad', parts, [input, output, dy, dx, PART_CHANNELS, ...windowSlots(info)]);
  return dx;
}

function infoOf(shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): PoolInfo {
  const inShape = shape as [number, number, number, number];
  return backend_util.computePool2DInfo(inShape, filterSize, strides, 1, pad, dimRoundingMode);
}

function windowSlots(info: PoolInfo): number[] {
  return [
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ];
}
