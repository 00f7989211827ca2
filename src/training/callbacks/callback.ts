/** @file The interface of a callback: it sees each epoch and returns a verdict. One file per callback. */

import type { EpochLog, Prediction } from '../../domain/run';
import type { Collapse } from '../collapse';

export type Verdict =
  | { kind: 'continue' }
  /** The weights as they are now are the best so far. */
  | { kind: 'best' }
  /** The run ends here, as finished: its validation loss was lowest in `lowestEpoch`. */
  | { kind: 'stop'; lowestEpoch: number }
  /** The run seems to learn nothing any more; it goes on. */
  | { kind: 'collapsed'; collapse: Collapse }
  /** The loss is no longer a finite number: the run ends here. */
  | { kind: 'diverged' };

export interface Callback {
  /** Key of its state in checkpoints. */
  readonly name: string;
  onBatchEnd?(loss: number, epoch: number, batch: number): Verdict;
  /** @param validation what was predicted of the validation images after the epoch; empty where there are none. */
  onEpochEnd?(log: EpochLog, validation: readonly Prediction[]): Verdict;
  /** What it knows of the epochs so far: finite numbers by name. */
  state?(): Record<string, number>;
  /** Restores a state; an empty one means no epoch so far. */
  restore?(state: Record<string, number>): void;
}

export const CONTINUE: Verdict = { kind: 'continue' };
