import { expect, it } from 'vitest';
import { describeScaling, isUnitScaling, RAW_SCALING, SYMMETRIC_SCALING, UNIT_SCALING } from './input-scaling';

it('recognises division by 255, in single precision too, and nothing else', () => {
  expect(isUnitScaling(UNIT_SCALING)).toBe(true);
  expect(isUnitScaling({ scale: [Math.fround(1 / 255)], offset: [0] })).toBe(true);
  expect(isUnitScaling({ scale: [1 / 256], offset: [0] })).toBe(false);
  expect(isUnitScaling({ scale: [1 / 255], offset: [-0.5] })).toBe(false);
});

it('puts a scaling into words', () => {
  expect(describeScaling(UNIT_SCALING)).toBe('pixels ÷ 255');
  expect(describeScaling(SYMMETRIC_SCALING)).toBe('pixels × 0.00784314 − 1');
  expect(describeScaling(RAW_SCALING)).toBe('pixels 0 to 255');
  expect(describeScaling({ scale: [0.5, 0.25, 1], offset: [1, 2, 3] })).toBe('pixels × (0.5, 0.25, 1) + (1, 2, 3)');
});
