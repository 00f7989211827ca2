/** @file `BiasGrad`: the sum over all axes but the last, which is a bias' gradient. */

import type { TensorInfo } from '@tensorflow/tfjs';
import { columnBlocks } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** dy [..., C] to [C]. */
export function biasGrad(backend: ProcessorBackend, { dy }: { dy: TensorInfo }): TensorInfo {
  const { rows, channels, blockRows, blocks, blockParts, combineParts, padded } = columnBlocks(dy.shape);
  const result = backend.makeOnHeap([channels]);
  backend.borrow(4 * padded * blocks, (partial) => {
    backend.run('sumBlocks', blockParts, [dy, partial, rows, channels, blockRows, blocks]);
    backend.run('sumRows', combineParts, [partial, 4 * padded, blocks, channels, result]);
  });
  return result;
}
