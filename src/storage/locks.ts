/**
 * @file Locks between the tabs of the studio, by name.
 *
 * The browser lets go of a lock when its holder ends, however it ends: a closed tab, a crash, a reload.
 */

import { QUEUE_LOCK, RUN_LOCK_PREFIX, runLock } from '../domain/lock-names';

/** Waits for the lock and holds it while `work` runs. */
export function hold<T>(name: string, work: () => Promise<T>): Promise<T> {
  // To TypeScript the result is a promise of a promise; `then` flattens it as the browser does.
  return navigator.locks.request(name, work).then((result) => result);
}

/**
 * Holds the lock while `work` runs. When another holder has it, returns null at once without running `work`.
 * @param mode `shared` keeps its holders away without counting as one of them.
 */
export function holdIfFree<T>(name: string, work: () => Promise<T>, mode: LockMode = 'exclusive'): Promise<T | null> {
  return navigator.locks
    .request(name, { ifAvailable: true, mode }, (lock) => (lock ? work() : Promise.resolve(null)))
    .then((result) => result);
}

/**
 * Takes the lock as shared, which keeps its holders away without counting as one of them, until it is let go.
 * @returns what lets it go; null when a holder has it
 */
export function takeShared(name: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const untilReleased = (lock: Lock | null) => {
      if (lock) return new Promise<void>((release) => resolve(release));
      return resolve(null);
    };
    navigator.locks.request(name, { ifAvailable: true, mode: 'shared' }, untilReleased).catch(reject);
  });
}

/** Resolves as soon as this tab holds the lock, which it keeps for as long as it lives. */
export function holdForLife(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const untilTheEnd = new Promise<never>(() => undefined);
    navigator.locks
      .request(name, () => {
        resolve();
        return untilTheEnd;
      })
      .catch(reject);
  });
}

/** Resolves when nobody holds the lock. Who only waits asks for it as shared, and does not count as its holder. */
export async function untilFree(name: string): Promise<void> {
  await navigator.locks.request(name, { mode: 'shared' }, () => undefined);
}

/** The names of all locks that are held, in any tab. */
export async function heldLocks(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.filter(({ mode }) => mode === 'exclusive').map(({ name = '' }) => name));
}

/** The ids of the runs in progress, in any tab. */
export async function findGoingRuns(): Promise<ReadonlySet<string>> {
  const names = [...(await heldLocks())].filter((name) => name.startsWith(RUN_LOCK_PREFIX));
  return new Set(names.map((name) => name.slice(RUN_LOCK_PREFIX.length)));
}

/** True while a tab trains or imports a run, or goes through the queue. */
export async function isAnyTraining(): Promise<boolean> {
  return [...(await heldLocks())].some((name) => name === QUEUE_LOCK || name.startsWith(RUN_LOCK_PREFIX));
}

/** Resolves when a run has ended in every tab, in whatever way. */
export function untilRunEnded(runId: string): Promise<void> {
  return untilFree(runLock(runId));
}
