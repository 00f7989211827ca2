import * as tf from '@tensorflow/tfjs';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import text from '../../e2e/reference/fixtures/augmentation.jsonl?raw';
import mosaicUrl from '../../e2e/reference/fixtures/augmentation.png?inline';
import { readFixture, referenceImage, relativeDistance, type Sketch } from '../base/reference-test-kit';
import type { PixelBatch } from '../domain/dataset';
import { DEVICE, startKernels } from '../kernels/device-test-kit';
import { augmentImages, augmentOnProcessor } from './augment-images';
import { centredAffine, type ImageTransform } from './augmentation';

/** Parameters as Keras names them, and the result without rounding as a sketch. */
type Draw = { theta: number; tx: number; ty: number; zx: number; zy: number; flip: boolean } & Sketch;

const { header, lines: draws } = readFixture<{ size: number; columns: number }, Draw>(text);
const { size, columns } = header;

/** The image of one draw as a batch of one. */
function pixelsOf(index: number): PixelBatch {
  return { data: referenceImage(`augmentation/${index}`, size), count: 1, size };
}

/**
 * Keras reads its matrix as (x, y) since keras-preprocessing's pull request 318 (October 2020), while naming the
 * parameters as before: tx, drawn from the height's range, moves columns. As (row, column) that is the turn the other
 * way round with both pairs exchanged; under the notebook's recipe, whose ranges are symmetric and equal, the same law.
 */
function transformOf({ theta, tx, ty, zx, zy, flip }: Draw): ImageTransform {
  const parameters = { rotationDegrees: -theta, rowShift: ty, columnShift: tx, rowZoom: zy, columnZoom: zx };
  return { affine: centredAffine(parameters, size), flip, noiseDeviation: 0, noiseSeed: 0 };
}

describe('fifty draws of Keras’ ImageDataGenerator on images of 224 pixels', () => {
  let mosaic: ReturnType<typeof decode>;

  beforeAll(async () => {
    mosaic = decode(await (await fetch(mosaicUrl)).arrayBuffer());
  });

  /** Every pixel of one channel in whole grey levels, and every channel by the sketch. `result` is 0..1. */
  function expectLikeKeras(index: number, result: Float32Array): void {
    const left = (index % columns) * size;
    const top = Math.floor(index / columns) * size;
    const greys = result.map((value) => value * 255);
    let sum = 0;
    let most = 0;
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        const expected = mosaic.data[(top + row) * mosaic.width + left + column];
        const distance = Math.abs(greys[(row * size + column) * 3 + (index % 3)] - expected);
        sum += distance;
        most = Math.max(most, distance);
      }
    }
    // The fixture's rounding alone is up to 0.5, 0.25 in the mean; no pixel is exempt, not even at the edges.
    expect(most, `draw ${index}, largest difference in grey levels`).toBeLessThan(0.51);
    expect(sum / size ** 2, `draw ${index}, mean difference in grey levels`).toBeLessThan(0.3);
    expect(relativeDistance(`augmentation/${index}`, greys, draws[index]), `draw ${index}, all channels`).toBeLessThan(
      1e-4,
    );
  }

  it('composed of plain arithmetic', () => {
    for (const [index, draw] of draws.entries()) {
      expectLikeKeras(index, augmentOnProcessor(pixelsOf(index), [transformOf(draw)], false));
    }
  });

  it('by our kernel', async () => {
    await startKernels('ours');
    expect(tf.getKernel('AugmentImages', DEVICE)).toBeDefined();
    for (const [index, draw] of draws.entries()) {
      const x = augmentImages(pixelsOf(index), [transformOf(draw)], false);
      expectLikeKeras(index, await x.data<'float32'>());
      x.dispose();
    }
  });
});
