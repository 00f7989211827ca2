/** @file Starts a file worker: a new one for each file, from a script that was fetched when the studio worker started. */

import scriptUrl from './file-worker?worker&url';
import { keptScript } from './kept-script';

/** Fetches the script, once. @throws {TypeError} when there is no connection; the next call tries again. */
export const loadFileWorker = keptScript(scriptUrl);

/** Starts a new file worker. @throws {TypeError} when its script cannot be fetched. */
export async function startFileWorker(): Promise<Worker> {
  return new Worker(await loadFileWorker(), { type: 'module', name: 'file' });
}
