/** @file What a callback may say after an epoch. One callback a file, each with a fixed life cycle and a verdict. */

import type { EpochLog } from '../../domain/run';

export type Verdict =
  | { kind: 'continue' }
  /** The weights as they are now are the best so far. */
  | { kind: 'best' }
  /** The loss is no longer a finite number: the run ends here. */
  | { kind: 'diverged' };

export interface Callback {
  /** Of its state in checkpoints. */
  readonly name: string;
  onBatchEnd?(loss: number, epoch: number, batch: number): Verdict;
  onEpochEnd?(log: EpochLog): Verdict;
  /** What it knows of the epochs so far: finite numbers by name. */
  state?(): Record<string, number>;
  /** Goes on from a state; one that knows nothing is empty. */
  restore?(state: Record<string, number>): void;
}

export const CONTINUE: Verdict = { kind: 'continue' };
