/** @file `Fill`: a tensor of one number, made in the memory. The stock kernel makes it beside it, and it is copied when it is read. */

import { type FillAttrs, type TensorInfo, util } from '@tensorflow/tfjs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** Null for other numbers than float32. */
export function fill(
  backend: ProcessorBackend,
  _inputs: object,
  { shape, value, dtype }: FillAttrs,
): TensorInfo | null {
  const size = util.sizeFromShape(shape);
  if (typeof value !== 'number' || (dtype ?? 'float32') !== 'float32' || size === 0) return null;
  const result = backend.makeOnHeap(shape);
  backend.run('fill', elementParts(size), [result, size, { float: value }]);
  return result;
}
