/** @file How long work of known size will still take, from how long its first part took. */

/**
 * Time left at the speed so far.
 * @param elapsedMs since the work began.
 * @returns milliseconds, or null while it is unknown: nothing is done yet, or the total is unknown.
 */
export function estimateTimeLeftMs(elapsedMs: number, done: number, total: number | null): number | null {
  if (total === null || done <= 0) return null;
  return (elapsedMs / done) * Math.max(0, total - done);
}
