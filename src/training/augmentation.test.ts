import { describe, expect, it } from 'vitest';
import { RandomStream } from '../base/random';
import { type AugmentationSettings, notebookRecipe } from '../domain/recipe';
import { augmentOnProcessor } from './augment-images';
import { centredAffine, drawTransform, IDENTITY_TRANSFORM } from './augmentation';

const STILL: AugmentationSettings = {
  rotationDegrees: 0,
  heightShift: 0,
  widthShift: 0,
  zoom: 0,
  horizontalFlip: false,
  noiseDeviation: 0,
  clip: false,
};

/** Row and column offsets of 200 transforms of a 100 x 100 image. */
function shifts(change: Partial<AugmentationSettings>): { rows: number[]; columns: number[] } {
  const stream = RandomStream.named(7, 'augment');
  const transforms = Array.from({ length: 200 }, () => drawTransform({ ...STILL, ...change }, 100, stream));
  return { rows: transforms.map(({ affine }) => affine[2]), columns: transforms.map(({ affine }) => affine[5]) };
}

const furthest = (offsets: number[]) => Math.max(...offsets.map(Math.abs));

describe('centredAffine', () => {
  it('turns about the image’s centre', () => {
    const [a, b, t, d, e, u] = centredAffine(
      { rotationDegrees: 90, rowShift: 0, columnShift: 0, rowZoom: 1, columnZoom: 1 },
      4,
    );
    // The top left output pixel samples the top right input pixel.
    expect(a * 0 + b * 0 + t).toBeCloseTo(3);
    expect(d * 0 + e * 0 + u).toBeCloseTo(0);
  });
});

describe('drawTransform', () => {
  it('draws within the recipe’s ranges and as often whatever the settings', () => {
    const settings = notebookRecipe('baseline').augmentation;
    const one = RandomStream.named(1, 'augment');
    const other = RandomStream.named(1, 'augment');
    const flips = Array.from({ length: 400 }, () => drawTransform(settings, 224, one)).filter(({ flip }) => flip);
    for (let i = 0; i < 400; i += 1)
      drawTransform({ ...settings, horizontalFlip: false, noiseDeviation: 0 }, 224, other);
    expect(one.state).toEqual(other.state);
    expect(flips.length).toBeGreaterThan(150);
    expect(flips.length).toBeLessThan(250);
    expect(Math.max(...flips.map(({ noiseDeviation }) => noiseDeviation))).toBeLessThan(50);
  });

  it('moves rows by the vertical shift alone and columns by the horizontal shift alone', () => {
    const vertical = shifts({ heightShift: 0.3 });
    expect(furthest(vertical.rows)).toBeGreaterThan(25);
    expect(furthest(vertical.rows)).toBeLessThanOrEqual(30);
    expect(furthest(vertical.columns)).toBeLessThan(1e-9);

    const horizontal = shifts({ widthShift: 0.2 });
    expect(furthest(horizontal.columns)).toBeGreaterThan(16);
    expect(furthest(horizontal.columns)).toBeLessThanOrEqual(20);
    expect(furthest(horizontal.rows)).toBeLessThan(1e-9);
  });

  it('draws the two shifts independently of each other', () => {
    const { rows, columns } = shifts({ heightShift: 0.5, widthShift: 0.5 });
    const correlation = rows.reduce((sum, row, i) => sum + row * columns[i], 0) / (rows.length * (50 ** 2 / 3));
    expect(Math.abs(correlation)).toBeLessThan(0.25);
  });
});

describe('augmentOnProcessor', () => {
  it('reads a bright row from where the row shift says, and a bright column from where the column shift says', () => {
    const size = 8;
    // Row 5 is bright; with rowShift 3 the output's row 2 samples it. Column likewise.
    const bright = (isBright: (row: number, column: number) => boolean) =>
      Uint8Array.from({ length: size * size * 3 }, (_, i) =>
        isBright(Math.floor(i / 3 / size), Math.floor(i / 3) % size) ? 255 : 0,
      );
    const affine = centredAffine({ rotationDegrees: 0, rowShift: 3, columnShift: 1, rowZoom: 1, columnZoom: 1 }, size);
    const moved = (data: Uint8Array) =>
      augmentOnProcessor({ data, count: 1, size }, [{ ...IDENTITY_TRANSFORM, affine }], false);
    const at = (row: number, column: number) => (row * size + column) * 3;
    const rows = moved(bright((row) => row === 5));
    expect([rows[at(2, 4)], rows[at(4, 4)]]).toEqual([1, 0]);
    const columns = moved(bright((_, column) => column === 5));
    expect([columns[at(4, 4)], columns[at(4, 2)]]).toEqual([1, 0]);
  });
});
