/**
 * @file Locks between the tabs of the studio, by name.
 *
 * The browser lets go of a lock when its holder ends, however it ends: a closed tab, a crash, a reload.
 */

/** Works while it holds the lock, which it waits for. */
export function hold<T>(name: string, work: () => Promise<T>): Promise<T> {
  // To TypeScript the answer is a promise of a promise; `then` flattens it as the browser does.
  return navigator.locks.request(name, work).then((answer) => answer);
}

/** The same, but answers null at once, without having worked, when another holds the lock. */
export function holdIfFree<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  return navigator.locks
    .request(name, { ifAvailable: true }, (lock) => (lock ? work() : Promise.resolve(null)))
    .then((answer) => answer);
}

/** Resolves as soon as this tab holds the lock, which it keeps for as long as it lives. */
export function holdForLife(name: string): Promise<void> {
  return new Promise((resolve) => {
    void navigator.locks.request(name, () => {
      resolve();
      return new Promise(() => undefined);
    });
  });
}

/** Held by the worker that trains or imports a run, from before anything of it is stored until it has ended. */
export function runLock(runId: string): string {
  return `thorax-run-${runId}`;
}

/** Held by the tab whose exports lie in the directory of this name. */
export function exportLock(directoryName: string): string {
  return `thorax-export-${directoryName}`;
}
