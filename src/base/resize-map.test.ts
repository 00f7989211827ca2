import { expect, it } from 'vitest';
import { resizeMap } from './resize-map';

it('keeps corners and blends between', () => {
  const rows = resizeMap(Float32Array.of(0, 1, 0, 1), { height: 2, width: 2 }, { height: 4, width: 4 });
  expect(Array.from(rows.slice(0, 4))).toEqual([0, 0.25, 0.75, 1]);
});

it('resizes each axis by its own factor', () => {
  const map = Float32Array.of(0, 1, 2, 3);
  expect(Array.from(resizeMap(map, { height: 2, width: 2 }, { height: 2, width: 4 }))).toEqual([
    0, 0.25, 0.75, 1, 2, 2.25, 2.75, 3,
  ]);
});
