/** @file Ends a run whose loss is no longer a finite number: nothing after it could be trusted. */

import { type Callback, CONTINUE } from './callback';

/** Returns `diverged` after the first batch whose loss is not finite. */
export function notANumberGuard(): Callback {
  return {
    name: 'notANumberGuard',
    onBatchEnd: (loss) => (Number.isFinite(loss) ? CONTINUE : { kind: 'diverged' }),
  };
}
