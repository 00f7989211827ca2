import { expect, it } from 'vitest';
import { CheckpointSchedule } from './checkpoint-schedule';

const MINUTE_MS = 60_000;

it('is due every so many epochs, and after each that must be kept', () => {
  const schedule = new CheckpointSchedule({ everyEpochs: 3, everyMinutes: 10 }, 0);
  const due = (mustBeKept: boolean) =>
    [1, 2, 3, 4, 5, 6].filter((epoch) => schedule.isDueAfterEpoch(epoch, mustBeKept));
  expect(due(false)).toEqual([3, 6]);
  expect(due(true)).toEqual([1, 2, 3, 4, 5, 6]);
});

it('is due within an epoch so many minutes after the last one was written or tried', () => {
  const schedule = new CheckpointSchedule({ everyEpochs: 1, everyMinutes: 10 }, 5 * MINUTE_MS);
  expect([14.9, 15].map((minutes) => schedule.isDueWithinEpoch(minutes * MINUTE_MS))).toEqual([false, true]);
  schedule.tried(16 * MINUTE_MS);
  expect([25.9, 26].map((minutes) => schedule.isDueWithinEpoch(minutes * MINUTE_MS))).toEqual([false, true]);
});
