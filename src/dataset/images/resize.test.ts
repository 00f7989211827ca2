/** Expectations: Pillow 10.4, `Image.fromarray(x).resize((width, height), …)` of the same pattern. */

import { describe, expect, it } from 'vitest';
import { type Raster, resizeRaster } from './resize';

/** 7 wide, 5 high: byte i is 37 i modulo 256. */
const pattern: Raster = {
  data: Uint8Array.from({ length: 105 }, (_, i) => (i * 37) % 256),
  width: 7,
  height: 5,
  stride: 3,
};

describe('resizeRaster', () => {
  it('samples as Pillow NEAREST', () => {
    expect([...resizeRaster(pattern, 3, 2, 'nearest')]).toEqual([
      120, 157, 194, 86, 123, 160, 52, 89, 126, 138, 175, 212, 104, 141, 178, 70, 107, 144,
    ]);
  });

  it('shrinks as Pillow BILINEAR', () => {
    expect([...resizeRaster(pattern, 3, 2, 'bilinear')]).toEqual([
      104, 86, 123, 146, 123, 100, 123, 160, 142, 105, 104, 141, 145, 122, 118, 141, 161, 131,
    ]);
    expect([...resizeRaster(pattern, 4, 3, 'bilinear')]).toEqual([
      62, 87, 124, 163, 67, 104, 132, 169, 73, 112, 149, 174, 76, 101, 138, 177, 81, 118, 146, 183, 87, 126, 163, 188,
      83, 115, 152, 115, 95, 132, 160, 121, 101, 140, 170, 126,
    ]);
  });

  it('enlarges as Pillow BILINEAR', () => {
    expect([...resizeRaster(pattern, 9, 8, 'bilinear').subarray(0, 27)]).toEqual([
      0, 37, 74, 74, 111, 148, 160, 84, 121, 190, 28, 65, 77, 114, 151, 163, 200, 38, 107, 144, 68, 80, 117, 154, 154,
      191, 228,
    ]);
  });

  it('leaves the same size as it is and passes over alpha', () => {
    const data = Uint8ClampedArray.from({ length: 35 * 4 }, (_, i) =>
      i % 4 === 3 ? 9 : pattern.data[3 * (i >> 2) + (i % 4)],
    );
    const withAlpha: Raster = { data, width: 7, height: 5, stride: 4 };
    for (const interpolation of ['nearest', 'bilinear'] as const) {
      expect(resizeRaster(withAlpha, 7, 5, interpolation)).toEqual(pattern.data);
      expect(resizeRaster(withAlpha, 3, 2, interpolation)).toEqual(resizeRaster(pattern, 3, 2, interpolation));
    }
  });
});
