/** @file `CopyChannels`: writes a tensor into some channels of a wider one, in place: DenseNet's concatenation, a part at a time. */

import { type TensorInfo, util } from '@tensorflow/tfjs';
import { elementParts } from './parts';
import type { ProcessorBackend } from './processor-backend';

export interface CopyChannelsInputs {
  /** [B, H, W, C] */
  from: TensorInfo;
  /** [B, H, W, C']: its channels first to first + C are overwritten. */
  into: TensorInfo;
}

/** @param first the first channel of `into` that is overwritten. */
export function copyChannels(
  backend: ProcessorBackend,
  { from, into }: CopyChannelsInputs,
  { first }: { first: number },
): void {
  const channels = from.shape[from.shape.length - 1];
  const wide = into.shape[into.shape.length - 1];
  const size = util.sizeFromShape(from.shape);
  const target = backend.pointerOf(into) + 4 * first;
  const slots = [from, target, 4 * channels, 4 * wide, 4 * channels, size / channels];
  backend.run('copyColumns', elementParts(size), slots);
}
