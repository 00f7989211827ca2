/** @file `EmptyTensor`: a buffer of undefined content, to be written piece by piece. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** A float32 tensor whose content is undefined until it is written. */
export function emptyTensor(backend: WebGPUBackend, shape: number[]): TensorInfo {
  return backend.makeTensorInfo(shape, 'float32');
}
