/** @file What the studio worker stores things in. */

import type { SweptLeftovers } from '../domain/protocol';
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
