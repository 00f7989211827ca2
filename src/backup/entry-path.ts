/**
 * @file The paths inside a backup: every one that can be there, and no other.
 *
 * A name begins with a letter, digit or underscore and has no slash, so that no path leads out of its folder.
 */

export const MANIFEST_PATH = 'thorax-backup.json';
export const QUEUE_PATH = 'queue.json';

export type EntryPath =
  | { kind: 'manifest' }
  /** A run's record and predictions. */
  | { kind: 'record'; runId: string }
  /** A file of a run's checkpoint. */
  | { kind: 'checkpoint'; runId: string; fileName: string }
  | { kind: 'queue' }
  | { kind: 'pretrained'; fileName: string };

const RUN_ID = /^[A-Za-z0-9_][\w-]{0,127}$/;
const FILE_NAME = /^[A-Za-z0-9_][\w.-]{0,127}$/;

/** Whether a run of this id can be in a backup: all that were made here can. */
export function isRunId(id: string): boolean {
  return RUN_ID.test(id);
}

export function recordPath(runId: string): string {
  return `runs/${runId}/record.json`;
}

export function checkpointPath(runId: string, fileName: string): string {
  return `runs/${runId}/checkpoint/${fileName}`;
}

export function pretrainedPath(fileName: string): string {
  return `pretrained/${fileName}`;
}

/** @returns null for a path that is none of a backup's */
export function parseEntryPath(path: string): EntryPath | null {
  if (path === MANIFEST_PATH) return { kind: 'manifest' };
  if (path === QUEUE_PATH) return { kind: 'queue' };
  const parts = path.split('/');
  const fileName = parts.at(-1) ?? '';
  if (parts[0] === 'pretrained' && parts.length === 2 && FILE_NAME.test(fileName))
    return { kind: 'pretrained', fileName };
  const [top, runId] = parts;
  if (top !== 'runs' || !isRunId(runId)) return null;
  if (parts.length === 3 && fileName === 'record.json') return { kind: 'record', runId };
  const isCheckpoint = parts.length === 4 && parts[2] === 'checkpoint' && FILE_NAME.test(fileName);
  return isCheckpoint ? { kind: 'checkpoint', runId, fileName } : null;
}
