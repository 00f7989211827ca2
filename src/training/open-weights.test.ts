import { describe, expect, it } from 'vitest';
import { StudioError } from '../domain/failure';
import type { EpochLog } from '../domain/run';
import { testRecord } from '../domain/run-test-kit';
import { openWeights } from './open-weights';

const log: EpochLog = {
  epoch: 1,
  loss: 1,
  accuracy: 0.5,
  validationLoss: null,
  validationAccuracy: null,
  timeMs: 1,
  tensorCount: 1,
  gpuBytes: 1,
};

/** A store without any checkpoint. */
const removed = {
  open: async () => {
    throw new StudioError('not-found', 'No weights of run r are stored.');
  },
};

const sentence = (...asked: [record: Parameters<typeof openWeights>[1], kind: 'last' | 'best']) =>
  openWeights(removed, ...asked).then(
    () => null,
    (error: StudioError) => error.message,
  );

describe('weights that are not there', () => {
  it('were removed, where the record says that there were some', async () => {
    const record = testRecord({ epochs: [log], bestEpoch: 1 });
    expect(await sentence(record, 'best')).toMatch(/^The best weights of this run are no longer stored: .*another tab/);
    expect(await sentence(record, 'last')).toMatch(/^The last weights of this run are no longer stored/);
  });

  it('never were, where the record says so', async () => {
    expect(await sentence(testRecord({ epochs: [] }), 'last')).toMatch(/ended before its first epoch did/);
    const diverged = testRecord({ epochs: [log], status: 'diverged' });
    expect(await sentence(diverged, 'best')).toMatch(/no epoch of it ended with a finite loss/);
    expect(await sentence({ ...diverged, bestEpoch: 1 }, 'last')).toMatch(/is diverged, and they predict no finite/);
  });

  it('are damaged, where the store says so', async () => {
    const damaged = new StudioError('storage', 'Damaged.');
    const open = () => Promise.reject(damaged);
    await expect(openWeights({ open }, testRecord({ epochs: [log] }), 'last')).rejects.toBe(damaged);
  });
});
