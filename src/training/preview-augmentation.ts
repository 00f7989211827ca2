/** @file Preview of the augmentation: the plain image and some random transforms of it, as bytes for the screen. */

import { RandomStream } from '../base/random';
import type { PixelBatch } from '../domain/dataset';
import type { AugmentationPreviewRequest } from '../domain/protocol';
import { augmentImages } from './augment-images';
import { drawTransform, IDENTITY_TRANSFORM } from './augmentation';

/**
 * @param pixels the one image, `[1, size, size, 3]`.
 * @returns `count + 1` images, the plain one first; values that noise moved outside 0..255 are clipped for display only.
 */
export async function previewAugmentation(
  pixels: PixelBatch,
  { augmentation, seed, count }: Pick<AugmentationPreviewRequest, 'augmentation' | 'seed' | 'count'>,
): Promise<PixelBatch> {
  const stream = RandomStream.named(seed, 'preview');
  const transforms = [
    IDENTITY_TRANSFORM,
    ...Array.from({ length: count }, () => drawTransform(augmentation, pixels.size, stream)),
  ];
  const data = new Uint8Array(transforms.length * pixels.data.length);
  for (let i = 0; i < transforms.length; i += 1) data.set(pixels.data, i * pixels.data.length);
  const copies = { data, count: transforms.length, size: pixels.size };
  const augmented = augmentImages(copies, transforms, augmentation.clip);
  try {
    const values = await augmented.data<'float32'>();
    return { ...copies, data: new Uint8Array(Uint8ClampedArray.from(values, (value) => value * 255).buffer) };
  } finally {
    augmented.dispose();
  }
}
