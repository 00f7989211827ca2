/** @file Ends a run whose loss is no longer a number: nothing after it could be trusted. */

import { type Callback, CONTINUE } from './callback';

export function notANumberGuard(): Callback {
  return {
    onBatchEnd(loss, epoch, batch) {
      if (Number.isFinite(loss)) return CONTINUE;
      const sentence = `The loss became ${loss} in epoch ${epoch}, batch ${batch}, so training stopped; try a lower learning rate.`;
      return { kind: 'fail', sentence };
    },
  };
}
