/**
 * @file From uint8 pixels to the network's input, on the device: affine, flip, noise, times 1/255.
 *
 * One kernel of ours where it is registered (`AugmentImages`); elsewhere the same arithmetic in TypeScript, which is
 * also what the kernel is tested against.
 */

import * as tf from '@tensorflow/tfjs';
import { hashNormal } from '../base/hash-noise';
import type { PixelBatch } from '../domain/dataset';
import { hasKernel } from '../networks/layers/run-kernel';
import type { ImageTransform } from './augmentation';

/**
 * Transforms pixels into a network's input.
 * @param transforms one per image.
 * @param clip clips to 0..255 after the noise.
 * @returns `[B, size, size, 3]`, 0..1 (outside of it where noise without clip leads), owned by the caller.
 */
export function augmentImages(pixels: PixelBatch, transforms: ImageTransform[], clip: boolean): tf.Tensor4D {
  const { count, size } = pixels;
  const shape: [number, number, number, number] = [count, size, size, 3];
  if (!hasKernel('AugmentImages')) {
    return tf.tensor4d(augmentOnProcessor(pixels, transforms, clip), shape);
  }
  return tf.tidy(() => {
    const inputs = {
      pixels: tf.tensor1d(packBytes(pixels.data), 'int32'),
      transforms: tf.tensor2d(Float32Array.from(transforms.flatMap(({ affine }) => affine)), [count, 6]),
      flips: tf.tensor1d(
        transforms.map(({ flip }) => (flip ? 1 : 0)),
        'int32',
      ),
      noise: tf.tensor1d(transforms.map(({ noiseDeviation }) => noiseDeviation)),
      seeds: tf.tensor1d(
        Int32Array.from(transforms, ({ noiseSeed }) => noiseSeed),
        'int32',
      ),
    };
    const attributes = { batch: count, size, channels: 3, clip };
    return tf.engine().runKernel('AugmentImages', inputs, attributes) as tf.Tensor4D;
  });
}

/** Four bytes to an integer, so that pixels are uploaded as bytes. */
function packBytes(data: Uint8Array): Int32Array {
  const padded = data.length % 4 === 0 ? data.slice() : new Uint8Array(Math.ceil(data.length / 4) * 4);
  if (padded.length !== data.length) padded.set(data);
  return new Int32Array(padded.buffer);
}

/** The reference: scipy's `affine_transform(order=1, mode='nearest')`, then the flip, then the noise. */
export function augmentOnProcessor(pixels: PixelBatch, transforms: ImageTransform[], clip: boolean): Float32Array {
  const { data, count, size } = pixels;
  const stride = size * size * 3;
  const result = new Float32Array(count * stride);
  const inside = (position: number) => Math.min(Math.max(position, 0), size - 1);
  for (let image = 0; image < count; image += 1) {
    const { affine, flip, noiseDeviation, noiseSeed } = transforms[image];
    const at = (row: number, column: number, channel: number) =>
      data[image * stride + (row * size + column) * 3 + channel];
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        const source = flip ? size - 1 - column : column;
        const y = inside(affine[0] * row + affine[1] * source + affine[2]);
        const x = inside(affine[3] * row + affine[4] * source + affine[5]);
        const top = Math.floor(y);
        const left = Math.floor(x);
        const bottom = Math.min(top + 1, size - 1);
        const right = Math.min(left + 1, size - 1);
        for (let channel = 0; channel < 3; channel += 1) {
          const upper = at(top, left, channel) * (1 - (x - left)) + at(top, right, channel) * (x - left);
          const lower = at(bottom, left, channel) * (1 - (x - left)) + at(bottom, right, channel) * (x - left);
          const index = (row * size + column) * 3 + channel;
          let value = upper * (1 - (y - top)) + lower * (y - top);
          if (noiseDeviation > 0) value += noiseDeviation * hashNormal(noiseSeed, index);
          if (clip) value = Math.min(Math.max(value, 0), 255);
          result[image * stride + index] = value / 255;
        }
      }
    }
  }
  return result;
}
