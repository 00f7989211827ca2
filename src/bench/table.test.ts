import { expect, it } from 'vitest';
import type { NetworkReport } from './report';
import { spreadOf } from './statistics';
import { formatReport } from './table';

const failed: NetworkReport = {
  inputSize: 224,
  batch: 32,
  stockMs: null,
  oursMs: 200,
  ratio: null,
  stockSpreadMs: null,
  oursSpreadMs: spreadOf([180, 200, 260, 200]),
  stockPeakBytes: null,
  oursPeakBytes: 2.5e9,
  gflops: 4000,
  shareOfGemm: 0.4,
  dispatches: 120,
  stockDispatches: null,
  stepFlops: 8e11,
  stepBytes: 3e9,
  gigabytesPerSecond: 15,
  epochSeconds: 2.1,
  stockEpochSeconds: null,
  augmentation: true,
  firstLosses: { ours: 1.1 },
  inTurn: false,
  stockFailure: 'The GPU ran out of memory.',
  oursFailure: null,
};

it('shows a side that failed as a gap, and why below', () => {
  const text = formatReport({
    adapter: 'A GPU',
    software: false,
    commit: 'abc',
    date: '2026-01-01',
    gemmGflops: 10000,
    gemm: [{ kernels: 'ours', size: 2048, gflops: 10000 }],
    networks: { vgg16: failed },
  });
  expect(text).toMatch(/VGG16 +224 +32 +- +200 +- +- +180 to 260 +- +2.50 GB/);
  expect(text).toContain('40.0 %');
  expect(text).toContain('VGG16, stock: The GPU ran out of memory.');
});
