/** @file What the studio stores on disk, part by part, and which parts of a run can be deleted. */

/**
 * `weights`: all that a run's checkpoint holds; its record, curves and predictions stay. `optimizerState`: only what
 * continuing the run needs.
 */
export type RunPart = 'weights' | 'optimizerState';

export interface RunSizes {
  runId: string;
  /** Last and best weights, of all generations that are kept. */
  weightsBytes: number;
  /** The optimizer's slots. */
  optimizerBytes: number;
}

export interface StoredSizes {
  /** Runs that have files, in no order. */
  runs: RunSizes[];
  /** By official name; an unfinished download counts to the file that it becomes. */
  pretrained: { fileName: string; sizeBytes: number }[];
  /** The drawn films of the sample dataset. */
  sampleBytes: number;
  /** Files that were made for the person to save, in all open tabs. */
  exportBytes: number;
}
