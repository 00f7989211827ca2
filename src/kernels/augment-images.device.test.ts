import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { hashNormal } from '../base/hash-noise';
import { RandomStream } from '../base/random';
import { expectClose, runPoisoned, startBackend } from './kernel-test-kit';

beforeAll(startBackend);

interface Image {
  affine: number[];
  flip: boolean;
  noise: number;
  seed: number;
}

/** scipy.ndimage.affine_transform(order=1, mode='nearest') of each channel, flipped, with noise, in float64. */
function reference(bytes: Uint8Array, images: Image[], size: number, clip: boolean): number[] {
  const inside = (position: number) => Math.min(Math.max(position, 0), size - 1);
  const result: number[] = [];
  images.forEach(({ affine, flip, noise, seed }, image) => {
    const at = (row: number, column: number, channel: number) =>
      bytes[((image * size + inside(row)) * size + inside(column)) * 3 + channel];
    for (let element = 0; element < size * size * 3; element += 1) {
      const channel = element % 3;
      const column = Math.floor(element / 3) % size;
      const row = Math.floor(element / 3 / size);
      const from = flip ? size - 1 - column : column;
      const y = inside(affine[0] * row + affine[1] * from + affine[2]);
      const x = inside(affine[3] * row + affine[4] * from + affine[5]);
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const along = (r: number) => at(r, left, channel) * (1 - x + left) + at(r, left + 1, channel) * (x - left);
      const grey = along(top) * (1 - y + top) + along(top + 1) * (y - top) + noise * hashNormal(seed, element);
      result.push((clip ? Math.min(Math.max(grey, 0), 255) : grey) / 255);
    }
  });
  return result;
}

it.each([
  [7, true],
  [8, false],
  [33, false],
])('size %i, clip %s', async (size, clip) => {
  const stream = RandomStream.named(5, 'pixels');
  const affine = [0.9, 0.2, -1.3, -0.25, 1.1, 2.4];
  const images: Image[] = [
    { affine: [1, 0, 0, 0, 1, 0], flip: false, noise: 0, seed: 1 },
    { affine: [1, 0, 0, 0, 1, 0], flip: true, noise: 0, seed: 1 },
    { affine, flip: false, noise: 40, seed: -123456789 },
    { affine, flip: true, noise: 3, seed: 77 },
    { affine: [1, 0, 50, 0, 1, -50], flip: false, noise: 0, seed: 0 },
  ];
  const bytes = Uint8Array.from({ length: images.length * size * size * 3 }, () => stream.below(256));
  const packed = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  packed.set(bytes);
  const inputs = {
    pixels: tf.tensor1d(new Int32Array(packed.buffer), 'int32'),
    transforms: tf.tensor2d(images.map((image) => image.affine)),
    flips: tf.tensor1d(
      images.map(({ flip }) => (flip ? 1 : 0)),
      'int32',
    ),
    noise: tf.tensor1d(images.map(({ noise }) => noise)),
    seeds: tf.tensor1d(
      images.map(({ seed }) => seed),
      'int32',
    ),
  };
  const attributes = { batch: images.length, size, channels: 3, clip };
  const [actual] = await runPoisoned([bytes.length], 'AugmentImages', inputs, attributes);
  expectClose(actual, reference(bytes, images, size, clip), 1e-4);
  const plain = Array.from(bytes.slice(0, size * size * 3), (byte) => byte / 255);
  expectClose(actual.slice(0, plain.length), plain, 1e-6);
  tf.dispose(inputs);
});

it('draws the noise of base/hash-noise', async () => {
  const size = 64;
  const inputs = {
    pixels: tf.zeros([(size * size * 3) / 4], 'int32'),
    transforms: tf.tensor2d([[1, 0, 0, 0, 1, 0]]),
    flips: tf.tensor1d([0], 'int32'),
    noise: tf.tensor1d([255]),
    seeds: tf.tensor1d([2_000_000_011], 'int32'),
  };
  const [actual] = await runPoisoned([], 'AugmentImages', inputs, { batch: 1, size, channels: 3, clip: false });
  const expected = Array.from(actual, (_, i) => hashNormal(2_000_000_011, i));
  expectClose(actual, expected, 1e-4);
  expect(Math.max(...actual)).toBeGreaterThan(3);
  tf.dispose(inputs);
});
