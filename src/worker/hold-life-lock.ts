/** @file A worker's lock by which the page notices that the worker has ended: the browser releases it then. */

import { type Reply, reply } from '../domain/failure';
import { holdForLife } from '../storage/locks';

/** Resolves once the lock is held; the worker never releases it. */
export function holdLifeLock(lockName: string): Promise<Reply<null>> {
  return reply(async () => {
    await holdForLife(lockName);
    return null;
  });
}
