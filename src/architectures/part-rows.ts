/**
 * @file How a large matrix is cut along its first axis, so that no GPU buffer passes WebGPU's default limits.
 *
 * InceptionV3's first dense kernel at 299 pixels is exactly 1 GiB; a device binds 128 MiB and allocates 256 MiB at once
 * unless asked for more, and many cannot give more.
 */

import { sizeOf } from '../domain/architecture';

/** WebGPU's default `maxStorageBufferBindingSize`. */
export const PART_BYTES = 128 * 2 ** 20;

/** Rows of each part of a float32 tensor of this shape. Only matrices are split: dense kernels and their slots. */
export function rowsOfParts(shape: number[], partBytes = PART_BYTES): number[] {
  const rowBytes = sizeOf(shape.slice(1)) * 4;
  if (shape.length !== 2 || sizeOf(shape) * 4 <= partBytes) return [shape[0]];
  const most = Math.max(1, Math.floor(partBytes / rowBytes));
  const count = Math.ceil(shape[0] / most);
  return Array.from({ length: count }, (_, i) => Math.min(most, shape[0] - i * most));
}
