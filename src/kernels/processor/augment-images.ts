/**
 * @file `AugmentImages`: from packed uint8 pixels to a network's input: affine, flip, noise, clip, times 1/255.
 *
 * The affine as scipy.ndimage.affine_transform with order 1 and mode "nearest"; the noise as base/hash-noise.ts, of which
 * assembly/hash-normal.ts is the twin.
 */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { AugmentImagesAttributes, AugmentImagesInputs } from '../augment-inputs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

/** To float32 [B, S, S, 3]. */
export function augmentImages(
  backend: ProcessorBackend,
  { pixels, transforms, flips, noise, seeds }: AugmentImagesInputs,
  { batch, size, clip }: AugmentImagesAttributes,
): TensorInfo {
  const result = backend.makeOnHeap([batch, size, size, 3]);
  const slots = [pixels, transforms, flips, noise, seeds, result, batch, size, clip ? 1 : 0];
  backend.run('augmentImages', elementParts(batch * size * size * 3), slots);
  return result;
}
