/** @file `AddInto`: into += from, in place. */

import { type TensorInfo, util } from '@tensorflow/tfjs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** @param inputs two tensors of the same shape; `into` is overwritten. */
export function addInto(backend: ProcessorBackend, { from, into }: { from: TensorInfo; into: TensorInfo }): void {
  const size = util.sizeFromShape(from.shape);
  backend.run('addInto', elementParts(size), [from, into, size]);
}
