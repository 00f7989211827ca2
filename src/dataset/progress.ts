/** @file Progress messages at a rate a screen can use. */

const INTERVAL_MS = 100;

/** Passes on at most ten calls a second; `true` as the last argument passes on regardless. */
export function throttled<T>(report: (value: T) => void): (value: () => T, always?: boolean) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (value, always = false) => {
    const nowMs = performance.now();
    if (!always && nowMs - lastMs < INTERVAL_MS) return;
    lastMs = nowMs;
    report(value());
  };
}
