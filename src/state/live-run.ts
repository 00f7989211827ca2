/** @file The run that is going, as its events tell it: a pure fold, so that it can be tested and throttled. */

import type { RunEvent, RunPhase } from '../domain/protocol';
import type { RunRecord } from '../domain/run';

type BatchEnded = Extract<RunEvent, { type: 'batchEnded' }>;

export interface LiveRun {
  runId: string;
  /** Null until the worker has built the run. */
  record: RunRecord | null;
  phase: RunPhase;
  detail: string;
  /** The last batch of the epoch that is going. */
  batch: Omit<BatchEnded, 'type'> | null;
  paused: boolean;
  /** Why the record of the run, as it is now, is not stored. */
  notStored: string | null;
}

export function emptyLiveRun(runId: string): LiveRun {
  return { runId, record: null, phase: 'preparing', detail: '', batch: null, paused: false, notStored: null };
}

export function foldRunEvent(live: LiveRun, event: RunEvent): LiveRun {
  switch (event.type) {
    case 'runStarted':
      return { ...live, record: event.record };
    case 'phaseChanged':
      return { ...live, phase: event.phase, detail: event.detail };
    case 'batchEnded': {
      const { type: _, ...batch } = event;
      return { ...live, phase: 'training', batch };
    }
    case 'epochEnded': {
      if (!live.record) return live;
      const { log, bestEpoch, timeMs } = event;
      const record = { ...live.record, epochs: [...live.record.epochs, log], bestEpoch, timeMs };
      return { ...live, record, notStored: null };
    }
    case 'recordNotStored':
      return { ...live, notStored: event.sentence };
    case 'runPaused':
      return { ...live, paused: true };
    case 'runResumed':
      return { ...live, paused: false };
    case 'runEnded':
      return { ...live, record: event.record, paused: false };
    default:
      return event satisfies never;
  }
}

/** Part of a run that its epochs make up; the rest is its test. */
const TRAINING_SHARE = 0.99;

/** Part of the run that is done, 0..1; 1 only when its test is over too. */
export function runFraction(live: LiveRun): number {
  const { record, batch } = live;
  if (!record) return 0;
  if (record.status === 'finished') return 1;
  if (record.status !== 'running') return record.epochs.length / record.recipe.epochs;
  const done = batch ? batch.epoch - 1 + batch.batch / batch.batchCount : record.epochs.length;
  return TRAINING_SHARE * Math.min(1, done / record.recipe.epochs);
}
