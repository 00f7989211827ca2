import { expect, it } from 'vitest';
import { MAX_PARTS } from './job-board';
import { productParts, reductionParts, streamParts } from './product-parts';

const SIZES = [1, 3, 8, 27, 64, 100, 576, 4608, 25_088, 131_072];
const POINTS = [1, 7, 96, 1000, 50_000, 1_605_632, 40_000_000, 500_000_000];

it('never splits a product into more parts than a job can have', () => {
  for (const points of POINTS) {
    for (const columns of SIZES) {
      for (const steps of SIZES) {
        const { rowParts, columnParts } = productParts(points, columns, steps);
        expect(rowParts * columnParts).toBeLessThanOrEqual(MAX_PARTS);
        const reduction = reductionParts(steps, columns, points);
        expect(reduction.rowParts * reduction.columnParts * reduction.pointParts).toBeLessThanOrEqual(MAX_PARTS);
        expect(streamParts(1 + (points % 24), columns, steps)).toBeLessThanOrEqual(MAX_PARTS);
      }
    }
  }
});
