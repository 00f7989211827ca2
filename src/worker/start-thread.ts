/**
 * @file Starts a thread of the processor device.
 *
 * The device can be chosen long after the studio was loaded and the network is gone, so the built script is fetched once
 * and kept, as that of the file worker (start-file-worker.ts).
 */

import scriptUrl from '../kernels/processor/thread-worker?worker&url';
import { keptScript } from './kept-script';

/** Address of the threads' script. @throws {TypeError} when it cannot be fetched; the next call tries again. */
export const loadThreadScript = keptScript(scriptUrl);

export function startThread(address: string): Worker {
  return new Worker(address, { type: 'module', name: 'thread' });
}
