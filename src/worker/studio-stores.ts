/** @file What the studio worker stores things in, and a run in there. */

import { StudioError } from '../domain/failure';
import type { SweptLeftovers } from '../domain/protocol';
import type { RunRecord } from '../domain/run';
import type { StoredSizes } from '../domain/stored-sizes';
import type { CheckpointStore } from '../storage/checkpoint-store';
import type { ExportStore } from '../storage/export-store';
import type { PretrainedStore } from '../storage/pretrained-store';
import type { QueueStore } from '../storage/queue-store';
import type { RunFiles } from '../storage/run-files';
import type { RunStore } from '../storage/run-store';
import type { Tabs } from '../storage/tabs';

export interface StudioStores {
  runs: RunStore;
  queue: QueueStore;
  tabs: Tabs;
  checkpoints: CheckpointStore;
  /** The checkpoints as plain files. */
  runFiles: RunFiles;
  pretrained: PretrainedStore;
  exports: ExportStore;
  sweep: () => Promise<SweptLeftovers>;
  /** What the studio stores on disk. */
  measure: () => Promise<StoredSizes>;
  /** How much more the browser grants; null where it does not say. */
  freeBytes: () => Promise<number | null>;
}

/** @throws {StudioError} not-found when the run is not stored, storage when this version cannot read it */
export async function findRun({ runs }: StudioStores, runId: string): Promise<RunRecord> {
  const record = await runs.get(runId);
  if (!record) throw goneRun();
  return record;
}

export function goneRun(): StudioError {
  return new StudioError('not-found', 'This run is no longer stored.');
}
