import { expect, it } from 'vitest';
import type { StoredSizes } from '../../domain/stored-sizes';
import { fullSentences, sizeWords } from './storage-words';

const MB = 2 ** 20;
const disk = { usedBytes: 95 * MB, quotaBytes: 100 * MB };

it('a nearly full disk is told with what would free how much', () => {
  const sizes: StoredSizes = {
    runs: [
      { runId: 'a', weightsBytes: 20 * MB, optimizerBytes: 40 * MB },
      { runId: 'b', weightsBytes: 5 * MB, optimizerBytes: 0 },
    ],
    pretrained: [{ fileName: 'vgg16.h5', sizeBytes: 12 * MB }],
    sampleBytes: 0,
    exportBytes: 0,
  };
  expect(fullSentences(disk, sizes)).toEqual([
    'Of the 100 MB that the browser grants, 5.0 MB are left: soon weights of a training may no longer be stored.',
    'Deleting frees: the optimizer state of 1 run 40 MB; the weights of 2 runs 25 MB; the kept pretrained files 12 MB.',
  ]);
  expect(fullSentences(disk, { ...sizes, runs: [], pretrained: [] })).toHaveLength(1);
  expect(fullSentences(null, sizes)[0]).toMatch(/^A checkpoint could not be stored/);
  expect(fullSentences({ ...disk, usedBytes: 120 * MB }, null)[0]).toContain('0.0 MB are left');
});

it('the parts of a run are named with their sizes', () => {
  const sizes = { runId: 'a', weightsBytes: 3 * MB, optimizerBytes: 6 * MB };
  expect(sizeWords(sizes)).toBe('Weights 3.0 MB, optimizer state 6.0 MB');
  expect(sizeWords({ ...sizes, weightsBytes: 0, optimizerBytes: 0 })).toBe('No weights');
});
