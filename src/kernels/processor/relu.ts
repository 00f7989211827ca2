/** @file The rectified linear unit, over `Relu`, and `ReluGrad`: dy where its output y is positive and 0 elsewhere. */

import { type TensorInfo, util } from '@tensorflow/tfjs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** x of any shape, to that shape. Null for other numbers than float32. */
export function relu(backend: ProcessorBackend, { x }: { x: TensorInfo }): TensorInfo | null {
  if (x.dtype !== 'float32') return null;
  const size = util.sizeFromShape(x.shape);
  const y = backend.makeOnHeap(x.shape);
  backend.run('relu', elementParts(size), [x, y, size]);
  return y;
}

/** y and dy of one shape, to that shape. */
export function reluGrad(backend: ProcessorBackend, { y, dy }: { y: TensorInfo; dy: TensorInfo }): TensorInfo {
  const size = util.sizeFromShape(dy.shape);
  const dx = backend.makeOnHeap(dy.shape);
  backend.run('reluGrad', elementParts(size), [y, dy, dx, size]);
  return dx;
}
