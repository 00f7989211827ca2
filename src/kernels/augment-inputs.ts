/** @file What `AugmentImages` takes, on every device. */

import type { TensorInfo } from '@tensorflow/tfjs';

export interface AugmentImagesInputs {
  /** int32, four RGB bytes per element, little-endian: [ceil(B S S 3 / 4)]. */
  pixels: TensorInfo;
  /** [B, 6]: source row = t0 row + t1 column + t2, source column = t3 row + t4 column + t5, in pixel indices. */
  transforms: TensorInfo;
  /** int32 [B]: not 0 where output column c is what the affine gives at S - 1 - c. */
  flips: TensorInfo;
  /** [B]: standard deviation of the noise in grey levels. */
  noise: TensorInfo;
  /** int32 [B]: seeds of the noise. */
  seeds: TensorInfo;
}

export interface AugmentImagesAttributes {
  batch: number;
  /** Side of the square images. */
  size: number;
  /** Clip to 0..255 after the noise. */
  clip: boolean;
}
