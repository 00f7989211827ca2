/** @file `Cast` to float32: the stock kernel hands on the same data under another type, which ours would read as what it is not. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { ProcessorBackend } from './processor-backend';

/** x of int32 or bool, as float32. Null for a call that the stock kernel computes as it should. */
export function cast(
  backend: ProcessorBackend,
  { x }: { x: TensorInfo },
  { dtype }: { dtype: string },
): TensorInfo | null {
  if (dtype !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) return null;
  const values = backend.readSync(x.dataId) as Int32Array | Uint8Array;
  return backend.makeTensorInfo(x.shape, 'float32', Float32Array.from(values));
}
