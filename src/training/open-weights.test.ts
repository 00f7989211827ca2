import { describe, expect, it, vi } from 'vitest';
import { StudioError } from '../domain/failure';
import type { EpochLog, RunRecord } from '../domain/run';
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

  it('could not be stored, where the record says so', async () => {
    const full = testRecord({ epochs: [log], lastKept: null, unkeptEpochs: [1] });
    expect(await sentence(full, 'last')).toMatch(/^The last weights of this run could not be stored/);
    expect(await sentence(full, 'best')).toMatch(/^The best weights of this run could not be stored/);
  });

  it('are never replaced by those of an earlier place, whose damage is named', async () => {
    const opened = {
      epoch: 1,
      step: 0,
      state: null,
      weights: { tensors: [], read: vi.fn() },
      skipped: ['One is damaged.'],
    };
    const open = async () => opened;
    const asked = (change: Partial<RunRecord>) =>
      openWeights({ open }, testRecord({ epochs: [log, log], ...change }), 'last');
    await expect(asked({})).rejects.toThrow(/^One is damaged\. The weights after epoch 1 .*Train the run again\.$/);
    await expect(asked({ status: 'interrupted' })).rejects.toThrow(/Continue the run: it goes on from there\.$/);
    await expect(asked({ lastKept: { epoch: 1, step: 4 } })).rejects.toThrow(/^One is damaged/);
    expect(await asked({ lastKept: { epoch: 1, step: 0 } })).toBe(opened);
    // Cut off between a checkpoint and its record.
    expect(await asked({ lastKept: { epoch: 0, step: 9 } })).toBe(opened);
  });

  it('are damaged, where the store says so', async () => {
    const damaged = new StudioError('storage', 'Damaged.');
    const open = () => Promise.reject(damaged);
    await expect(openWeights({ open }, testRecord({ epochs: [log] }), 'last')).rejects.toBe(damaged);
  });
});
