import { expect, it } from 'vitest';
import type { RunEstimate } from '../../state/estimate-run';
import { estimateLine, estimateOrigin } from './estimate-words';

const measured: RunEstimate = {
  network: 'vgg16',
  device: 'webgpu',
  memoryBytes: 1_960_066_724,
  misfit: null,
  time: { epochMs: 41_234, gflops: 430, basis: { kind: 'epoch', inputSize: 224, batchSize: 32 } },
};
const guessed: RunEstimate = {
  ...measured,
  time: { epochMs: 41_234, gflops: 430, basis: { kind: 'product', productGflops: 1433, share: 0.3 } },
};

it('states memory, epoch and run in one line', () => {
  expect(estimateLine(measured, 15)).toBe('About 1.8 GB of GPU memory · 41 s an epoch · 10 min for 15 epochs');
  expect(estimateLine(measured, 1)).toBe('About 1.8 GB of GPU memory · 41 s an epoch');
  expect(estimateLine({ ...measured, time: null }, 15)).toBe('About 1.8 GB of GPU memory');
  expect(estimateLine({ ...measured, device: 'processor', time: null }, 15)).toBe('About 1.8 GB of memory');
});

it('says what was measured and what is only assumed', () => {
  expect(estimateLine(guessed, 15)).toMatch(/\(time: a first guess\)$/);
  expect(estimateOrigin(guessed)[1]).toContain('a first guess until this network has trained here');
  expect(estimateOrigin(guessed)[1]).toContain('30 % of the 1,433 GFLOP/s');
  expect(estimateOrigin(measured)[1]).toContain('at 430 GFLOP/s, measured in the newest epoch');
  expect(estimateOrigin(measured)[0]).toContain('less where the GPU has no more');
  expect(estimateOrigin({ ...measured, device: 'processor' })[0]).toContain('4 GB at most');
});
