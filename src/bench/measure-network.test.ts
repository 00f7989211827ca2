import { expect, it } from 'vitest';
import { measureNetwork, ratiosTo } from './measure-network';

it('measures a step on the processor, with the memory that it took', async () => {
  const lines: string[] = [];
  const options = { inputSize: 8, batch: 2, augmentation: true, steps: 2 };
  const terms = { device: 'processor', threads: null, sides: ['ours'], pace: 'processor', gemmGflops: 10 } as const;
  const report = await measureNetwork('baseline', options, terms, (line) => lines.push(line));
  const { ours } = report.sides;
  expect(report.failures).toEqual({});
  expect(ours?.ms).toBeGreaterThan(0);
  // One thread's working memory, and the network.
  expect(ours?.peakBytes).toBeGreaterThan(4 * 2 ** 20);
  expect(ours?.heapBytes).toBeGreaterThanOrEqual(ours?.peakBytes ?? Number.NaN);
  // Three classes, and weights that know nothing.
  expect(Math.abs((report.firstLosses.ours ?? Number.NaN) - Math.log(3))).toBeLessThan(1);
  expect(report.imagesPerSecond).toBeCloseTo(2000 / (ours?.ms ?? Number.NaN), 6);
  expect(lines).toHaveLength(4);
});

it('puts every other time over ours', () => {
  expect(ratiosTo(10, { ours: { ms: 10 }, webgpu: { ms: 85 }, stock: { ms: 5 } })).toEqual({ webgpu: 8.5, stock: 0.5 });
  expect(ratiosTo(null, { webgpu: { ms: 85 } })).toEqual({});
});
