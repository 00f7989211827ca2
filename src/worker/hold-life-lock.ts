/** @file A worker's lock by which the page notices that the worker has ended: the browser releases it then. */

import { type Reply, reply } from '../domain/failure';

/** Resolves once the lock is held; it is never given back. */
export function holdLifeLock(lockName: string): Promise<Reply<null>> {
  return reply(
    () =>
      new Promise<null>((resolve, reject) => {
        const untilTheEnd = new Promise<never>(() => undefined);
        navigator.locks
          .request(lockName, () => {
            resolve(null);
            return untilTheEnd;
          })
          .catch(reject);
      }),
  );
}
