import { expect, it } from 'vitest';
import type { ImageFacts } from '../domain/dataset';
import { summariseFacts } from './summarise-facts';

const image = (change: Partial<ImageFacts>): ImageFacts => ({
  format: 'PNG',
  width: 100,
  height: 50,
  bitDepth: 8,
  colour: 'grey',
  sizeBytes: 1,
  lastModified: 1,
  ...change,
});

it('keeps the smallest and the largest by area, and every kind and format once', () => {
  const facts = [
    image({ format: 'JPEG', colour: 'RGB' }),
    image({ width: 40, height: 60 }),
    image({ width: 70, height: 90, bitDepth: 16 }),
    image({}),
  ];
  expect(summariseFacts(facts)).toEqual({
    smallest: { width: 40, height: 60 },
    largest: { width: 70, height: 90 },
    kinds: ['8-bit grey', '16-bit grey', '8-bit RGB'],
    formats: ['PNG', 'JPEG'],
  });
  expect(summariseFacts([])).toBeUndefined();
});
