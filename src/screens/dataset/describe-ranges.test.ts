import { expect, it } from 'vitest';
import { describeRanges } from './describe-ranges';

it('names sizes, depths and formats', () => {
  const smallest = { width: 1024, height: 1024 };
  const largest = { width: 2500, height: 2048 };
  expect(describeRanges({ smallest, largest, kinds: ['8-bit grey'], formats: ['PNG', 'JPEG'] })).toBe(
    '1,024 × 1,024 to 2,500 × 2,048 pixels; 8-bit grey; PNG and JPEG',
  );
  const kinds = ['8-bit grey', '8-bit RGB', '16-bit grey'];
  expect(describeRanges({ smallest, largest: smallest, kinds, formats: ['PNG'] })).toBe(
    '1,024 × 1,024 pixels; 8-bit grey, 8-bit RGB and 16-bit grey; PNG',
  );
});
