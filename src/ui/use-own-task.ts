/**
 * @file Shows a changed value a moment later, in a task of its own.
 *
 * Drawing two charts and a log because one epoch ended took one task of more than 50 ms on a busy machine; taken apart
 * no piece is longer than a frame or two. `startTransition` does not help: the chart library keeps its own store,
 * whose updates React must not interrupt.
 */

import { useEffect, useState } from 'react';

/** The value as it was `delayMs` ago; the first one at once. A value that changes faster is passed on in the end. */
export function useOwnTask<T>(value: T, delayMs: number): T {
  const [shown, setShown] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setShown(() => value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return shown;
}
