/** @file A pure function that remembers its latest results. */

/**
 * Wraps a pure function so that equal arguments return the stored result. A call that throws stores nothing.
 * @param most results that are kept; the one asked for longest ago goes first.
 * @param make must return the same result for the same arguments, and callers must not change that result.
 */
export function remembered<Args extends (string | number)[], Result>(
  most: number,
  make: (...args: Args) => Result,
): (...args: Args) => Result {
  const results = new Map<string, Result>();
  return (...args) => {
    const key = args.join('/');
    const result = results.has(key) ? (results.get(key) as Result) : make(...args);
    results.delete(key);
    results.set(key, result);
    const [oldest] = results.keys();
    if (results.size > most) results.delete(oldest);
    return result;
  };
}
