/** @file The names of the Web Locks by which the tabs of one browser keep out of each other's way. */

export const RUN_LOCK_PREFIX = 'thorax-run-';

/** Held by the worker that trains or imports a run, from before anything of it is stored until it has ended. */
export function runLock(runId: string): string {
  return RUN_LOCK_PREFIX + runId;
}

/** Held by the tab whose worker trains its way through the queue. */
export const QUEUE_LOCK = 'thorax-queue';

/** Held by the tab whose exports lie in the directory of this name. */
export function exportLock(directoryName: string): string {
  return `thorax-export-${directoryName}`;
}
