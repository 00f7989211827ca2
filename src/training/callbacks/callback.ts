/** @file What a callback may say after an epoch. One callback a file, each with a fixed life cycle and a verdict. */

import type { EpochLog } from '../../domain/run';

export type Verdict =
  | { kind: 'continue' }
  /** The weights as they are now are the best so far. */
  | { kind: 'best' }
  /** The loss is no longer a finite number: the run ends here. */
  | { kind: 'diverged' };

export interface Callback {
  onBatchEnd?(loss: number, epoch: number, batch: number): Verdict;
  onEpochEnd?(log: EpochLog): Verdict;
}

export const CONTINUE: Verdict = { kind: 'continue' };
