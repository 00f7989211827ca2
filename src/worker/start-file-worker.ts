/**
 * @file Starts a file worker.
 *
 * Each file gets a new worker, and the studio has to work without a network once it is loaded. So the built script is
 * fetched once, when the studio worker starts, and kept as a Blob. Vite's development server serves modules that import
 * others by address; there the worker starts from its own address.
 */

import scriptUrl from './file-worker?worker&url';

let kept: Promise<string> | null = null;

/** Fetches the script, once. @throws {TypeError} when there is no connection; the next call tries again. */
export function loadFileWorker(): Promise<string> {
  kept ??= import.meta.env.PROD ? keepScript() : Promise.resolve(scriptUrl);
  kept.catch(() => {
    kept = null;
  });
  return kept;
}

/** Starts a new file worker. @throws {TypeError} when its script cannot be fetched. */
export async function startFileWorker(): Promise<Worker> {
  return new Worker(await loadFileWorker(), { type: 'module', name: 'file' });
}

async function keepScript(): Promise<string> {
  const response = await fetch(scriptUrl);
  if (!response.ok) throw new TypeError(`${scriptUrl}: status ${response.status}`);
  return URL.createObjectURL(new Blob([await response.blob()], { type: 'text/javascript' }));
}
