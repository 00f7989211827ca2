/**
 * @file The current run of this page's worker, computed from its events by pure functions. Its record is in the runs store,
 * with all others.
 */

import type { RunEvent, RunPhase } from '../domain/protocol';
import type { QueueItem } from '../domain/queue';
import type { RunRecord } from '../domain/run';

type BatchEnded = Extract<RunEvent, { type: 'batchEnded' }>;
type RunRestored = Extract<RunEvent, { type: 'runRestored' }>;

export interface LiveRun {
  /** The item of the queue that it was started from. */
  item: QueueItem;
  phase: RunPhase;
  detail: string;
  /** The last batch of the epoch that is going. */
  batch: Omit<BatchEnded, 'type'> | null;
  paused: boolean;
  /** Where it goes on, when it was continued from its checkpoint. */
  restored: Omit<RunRestored, 'type'> | null;
  /** A checkpoint was kept since it was taken from the queue. */
  hasSaved: boolean;
  /** Why the record of the run, as it is now, is not stored. */
  notStored: string | null;
  /** Why the last checkpoint that was due is not stored. */
  checkpointNotStored: string | null;
  /** It has ended, however it did. */
  over: boolean;
}

/** A run before its first event. */
export function emptyLiveRun(item: QueueItem): LiveRun {
  return {
    item,
    phase: 'preparing',
    detail: '',
    batch: null,
    paused: false,
    restored: null,
    hasSaved: false,
    notStored: null,
    checkpointNotStored: null,
    over: false,
  };
}

/** The run after an event. */
export function foldRunEvent(live: LiveRun, event: RunEvent): LiveRun {
  switch (event.type) {
    case 'phaseChanged':
      return { ...live, phase: event.phase, detail: event.detail };
    case 'batchEnded': {
      const { type: _, ...batch } = event;
      return { ...live, phase: 'training', batch };
    }
    case 'runRestored': {
      const { type: _, ...restored } = event;
      return { ...live, restored };
    }
    case 'checkpointSaved':
      return { ...live, hasSaved: true, checkpointNotStored: null };
    case 'checkpointNotStored':
      return { ...live, checkpointNotStored: event.sentence };
    case 'epochEnded':
      return { ...live, notStored: null };
    case 'recordNotStored':
      return { ...live, notStored: event.sentence };
    case 'runPaused':
      return { ...live, paused: true };
    case 'runResumed':
      return { ...live, paused: false };
    case 'runEnded':
      return { ...live, paused: false };
    case 'runStarted':
      return live;
    default:
      return event satisfies never;
  }
}

/** The run once it has ended, however it did. */
export function endLiveRun(live: LiveRun): LiveRun {
  return { ...live, paused: false, over: true };
}

/** The record of the current run after an event; null until the worker has stored it. */
export function foldRunRecord(record: RunRecord | null, event: RunEvent): RunRecord | null {
  switch (event.type) {
    case 'runStarted':
    case 'runEnded':
      return event.record;
    case 'epochEnded': {
      if (!record) return null;
      const { log, bestEpoch, timeMs, collapse } = event;
      return { ...record, epochs: [...record.epochs, log], bestEpoch, timeMs, collapse: collapse ?? undefined };
    }
    case 'phaseChanged':
    case 'batchEnded':
    case 'runRestored':
    case 'checkpointSaved':
    case 'checkpointNotStored':
    case 'recordNotStored':
    case 'runPaused':
    case 'runResumed':
      return record;
    default:
      return event satisfies never;
  }
}

/** Part of a run that its epochs make up; the rest is its test. */
const TRAINING_SHARE = 0.99;

/** Part of the run that is done, 0..1; 1 only when its test is over too. */
export function runFraction({ batch }: LiveRun, record: RunRecord | null): number {
  if (!record) return 0;
  if (record.status === 'finished') return 1;
  if (record.status !== 'running') return record.epochs.length / record.recipe.epochs;
  const done = batch ? batch.epoch - 1 + batch.batch / batch.batchCount : record.epochs.length;
  return TRAINING_SHARE * Math.min(1, done / record.recipe.epochs);
}
