/**
 * @file Passes on at most one call per interval, always ending with the latest: a screen that follows a fast stream.
 *
 * Timers, not animation frames, so that a hidden tab keeps its numbers.
 */

export interface Throttle {
  /** Calls `apply` now if the interval has passed, otherwise once when it has. */
  request(): void;
  /** Calls `apply` now if a call is outstanding. */
  flush(): void;
  /** Forgets an outstanding call. */
  cancel(): void;
}

/** Screens follow training and long work at most this often. */
export const SCREEN_INTERVAL_MS = 250;
/** Workers report the progress of long work at most this often. */
export const PROGRESS_INTERVAL_MS = 100;

/** @param apply called at once, then at most once per `intervalMs` (milliseconds) for all that was requested meanwhile. */
export function createThrottle(intervalMs: number, apply: () => void): Throttle {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;

  const run = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    lastMs = performance.now();
    apply();
  };

  return {
    request() {
      if (timer !== null) return;
      const waitMs = lastMs + intervalMs - performance.now();
      if (waitMs <= 0) run();
      else timer = setTimeout(run, waitMs);
    },
    flush() {
      if (timer !== null) run();
    },
    cancel() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}

/**
 * Runs work that reports as it goes. Passes on at most one report per interval, and the latest one at the end of the work.
 * When the work fails, nothing more is passed on.
 * @param work is given the function to report with; a report that is not passed on is never made.
 */
export async function withThrottle<Report, Result>(
  intervalMs: number,
  apply: (report: Report) => void,
  work: (report: (make: () => Report) => void) => Promise<Result>,
): Promise<Result> {
  let makeLatest: (() => Report) | null = null;
  let ended = false;
  const throttle = createThrottle(intervalMs, () => {
    if (makeLatest) apply(makeLatest());
  });
  try {
    const result = await work((make) => {
      if (ended) return;
      makeLatest = make;
      throttle.request();
    });
    throttle.flush();
    return result;
  } finally {
    ended = true;
    throttle.cancel();
  }
}
