import { expect, it } from 'vitest';
import { parseKerasNumbers, withKeras } from './keras-numbers';
import type { BenchReport, NetworkReport } from './report';
import { spreadOf } from './statistics';
import { formatReport } from './table';

const failed: NetworkReport = {
  inputSize: 224,
  batch: 32,
  augmentation: true,
  sides: { ours: { ms: 200, spreadMs: spreadOf([180, 200, 260, 200]), peakBytes: 2.5e9, dispatches: 120 } },
  ratios: {},
  failures: { stock: 'The GPU ran out of memory.' },
  imagesPerSecond: 160,
  gflops: 4000,
  shareOfGemm: 0.4,
  stepFlops: 8e11,
  stepBytes: 3e9,
  gigabytesPerSecond: 15,
  firstLosses: { ours: 1.1 },
  inTurn: false,
};

const report: BenchReport = {
  device: 'webgpu',
  adapter: 'A GPU',
  software: false,
  processor: 'A processor, 2 cores',
  commit: 'abc',
  date: '2026-01-01',
  gemmGflops: 10000,
  gemm: [{ kernels: 'ours', size: 2048, gflops: 10000 }],
  networks: { vgg16: failed },
};

const keras = parseKerasNumbers({
  device: 'keras',
  adapter: 'Keras 3',
  processor: 'A processor',
  threads: 2,
  date: '2026-01-02',
  networks: {
    vgg16: {
      inputSize: 224,
      batch: 32,
      load: [0, null],
      sides: { keras: { ms: 100, spreadMs: { median: 100, least: 90, most: 110 }, peakBytes: 3e9 } },
    },
  },
});

it('shows a side that failed below, and why', () => {
  const text = formatReport(report);
  expect(text).toMatch(/VGG16 +224 +32 +200 +180 to 260 +2.50 GB/);
  expect(text).toContain('40.0 %');
  expect(text).toContain('VGG16, stock: The GPU ran out of memory.');
});

it("shows Keras' time beside ours, and over it", () => {
  const ours: NetworkReport = { ...failed, sides: { ours: { ...failed.sides.ours, heapBytes: 3.1e9 } as never } };
  const networks = { vgg16: withKeras(ours, 'vgg16', keras) };
  const text = formatReport({ ...report, device: 'processor', threads: 2, build: 'relaxed', networks, keras });
  expect(text).toMatch(/VGG16 +224 +32 +200 +100 +0.50x +180 to 260 +90.0 to 110 +2.50 GB +3.00 GB +3.10 GB +160/);
  expect(text).toContain('threads: 2, kernels: relaxed');
  expect(text).toContain('Keras: Keras 3, A processor, threads: 2, 2026-01-02');
});

it("does not put Keras' time of another step beside ours", () => {
  const other = withKeras({ ...failed, batch: 8 }, 'vgg16', keras);
  expect(other.sides.keras).toBeUndefined();
  expect(other.failures.keras).toBe('Measured with 224 px and batch 32, which is another step.');
  expect(withKeras(failed, 'baseline', keras).failures.keras).toBe('Not in the file.');
});

it('refuses a file that bench_keras.py did not write', () => {
  expect(() => parseKerasNumbers({ device: 'webgpu' })).toThrow('is not what e2e/reference/bench_keras.py writes');
});
