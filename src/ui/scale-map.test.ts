import { expect, it } from 'vitest';
import { scaleMap } from './scale-map';

it('scales by the largest value', () => {
  expect(Array.from(scaleMap(Float32Array.of(0, 2, 8)) ?? [])).toEqual([0, 0.25, 1]);
});

it('does not stretch a map without a positive value', () => {
  expect(scaleMap(new Float32Array(4))).toBeNull();
});
