/** @file `EmptyTensor`: a tensor of undefined content, to be written piece by piece. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { ProcessorBackend } from './processor-backend';

/** A float32 tensor whose content is undefined until it is written. */
export function emptyTensor(backend: ProcessorBackend, shape: number[]): TensorInfo {
  return backend.makeOnHeap(shape);
}
