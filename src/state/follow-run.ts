/** @file Follows one run of this page's worker after another, and passes on what screens show of it. */

import type { StoreApi } from 'zustand/vanilla';
import { createThrottle, SCREEN_INTERVAL_MS } from '../base/throttle';
import type { QueueEvent, RunEvent } from '../domain/protocol';
import type { QueueItem } from '../domain/queue';
import type { RunRecord } from '../domain/run';
import { emptyLiveRun, endLiveRun, foldRunEvent, foldRunRecord, type LiveRun } from './live-run';
import type { RunsState } from './runs-store';

/**
 * `show` gets what changes with every batch, the runs store what changes with every epoch, both at most as often as a screen
 * needs.
 */
export function createFollower(runs: StoreApi<RunsState>, show: (live: LiveRun) => void) {
  let live: LiveRun | null = null;
  let record: RunRecord | null = null;
  let stored: RunRecord | null = null;
  const throttle = createThrottle(SCREEN_INTERVAL_MS, () => {
    // Curves hang on the record: it changes once an epoch, not once a batch.
    if (record && record !== stored) runs.getState().put(record);
    stored = record;
    if (live) show(live);
  });

  return {
    begin(item: QueueItem) {
      throttle.cancel();
      [live, record, stored] = [emptyLiveRun(item), null, null];
      runs.getState().claim(item.id);
      show(live);
    },
    progress(runId: string, event: RunEvent) {
      if (live?.item.id !== runId || live.over) return;
      live = foldRunEvent(live, event);
      record = foldRunRecord(record, event);
      throttle.request();
      if (event.type === 'runPaused' || event.type === 'runResumed') throttle.flush();
    },
    /** The run has ended without an event: its worker died. @returns how it stood; null when none was going */
    abandon(): LiveRun | null {
      throttle.cancel();
      if (!live || live.over) return null;
      const going = live;
      live = endLiveRun(going);
      show(live);
      return going;
    },
    /** @returns the sentence of a run that was started and failed. */
    close({ runId, outcome, continues }: Extract<QueueEvent, { type: 'runClosed' }>): string | null {
      if (live?.item.id !== runId) return null;
      live = endLiveRun(live);
      if (outcome.ok) record = outcome.value;
      else if (outcome.failure.code === 'deleted') {
        throttle.cancel();
        runs.getState().forget(runId);
        show(live);
        return outcome.failure.sentence;
      } else if (record) record = { ...record, status: 'failed', failure: outcome.failure.sentence };
      throttle.request();
      throttle.flush();
      if (continues && !outcome.ok) return outcome.failure.sentence;
      // One that could not be started keeps its sentence in the queue.
      return record?.failure ?? null;
    },
  };
}
