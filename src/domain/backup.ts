/** @file A backup of the whole project: where it goes, where it comes from, and what became of it. */

import type { NetworkId } from './network';

/** `download`: a zip file made in the browser's own storage, for browsers that can write nowhere else. */
export type BackupTarget =
  | { kind: 'file'; handle: FileSystemFileHandle }
  | { kind: 'folder'; handle: FileSystemDirectoryHandle }
  | { kind: 'download' };

export interface BackupRequest {
  target: BackupTarget;
  /** The kept pretrained files go along. */
  withPretrained: boolean;
}

export interface BackupReport {
  /** Of the file or folder that was written. */
  name: string;
  runCount: number;
  sizeBytes: number;
  /** Sentences about what is not in it. */
  leftOut: string[];
  /** To be saved by the page, where the target is a download. */
  file: File | null;
}

/** A zip file, or a folder: by its handle, or as its files where a browser has no handles. */
export type BackupSource =
  | { kind: 'file'; file: File }
  | { kind: 'folder'; name: string; handle: FileSystemDirectoryHandle }
  | { kind: 'files'; name: string; files: { path: string; file: File }[] };

export interface RestoredRun {
  /** The id under which it is here now; of a refused one, the id in the backup. */
  runId: string;
  /** Null where its record could not be read. */
  network: NetworkId | null;
  /** Milliseconds since 1970; null where its record could not be read. */
  createdAt: number | null;
  /**
   * `same`: it was here. `bothKept`: another run of its id was here. `weightsBack`: it was here without its weights.
   * `refused`: it was not restored.
   */
  outcome: 'restored' | 'same' | 'bothKept' | 'weightsBack' | 'refused';
  /** Why it was refused, or why its weights cannot be used. */
  sentence: string | null;
}

export interface RestoreReport {
  /** Of the backup. */
  name: string;
  runs: RestoredRun[];
  /** How many waiting runs were added; the sentence says why none was. */
  queue: { count: number; sentence: string | null };
  pretrained: { fileName: string; outcome: 'restored' | 'same' | 'refused'; sentence: string | null }[];
}

/** `thorax-backup-2026-05-01-1504`, in local time. */
export function backupName(createdAt: number): string {
  const date = new Date(createdAt);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `thorax-backup-${day}-${two(date.getHours())}${two(date.getMinutes())}`;
}
