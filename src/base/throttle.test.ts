import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createThrottle, withThrottle } from './throttle';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('passes on the first call at once and the latest of the others when the interval has passed', () => {
  const seen: number[] = [];
  let value = 0;
  const throttle = createThrottle(100, () => seen.push(value));
  for (value = 1; value <= 3; value += 1) throttle.request();
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([1, 4]);
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual([1, 4]);
});

it('passes on an outstanding call when flushed, and forgets it when cancelled', () => {
  const apply = vi.fn();
  const throttle = createThrottle(100, apply);
  throttle.flush();
  expect(apply).not.toHaveBeenCalled();
  throttle.request();
  throttle.request();
  throttle.flush();
  expect(apply).toHaveBeenCalledTimes(2);
  throttle.request();
  throttle.cancel();
  vi.advanceTimersByTime(1000);
  expect(apply).toHaveBeenCalledTimes(2);
});

it('ends work with its last report, and makes no report that is not passed on', async () => {
  const make = vi.fn((done: number) => done);
  const seen: number[] = [];
  const result = await withThrottle(
    100,
    (done: number) => seen.push(done),
    async (report) => {
      for (let done = 1; done <= 5; done += 1) report(() => make(done));
      return 'result';
    },
  );
  expect(result).toBe('result');
  expect(seen).toEqual([1, 5]);
  expect(make).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen).toEqual([1, 5]);
});

it('passes on nothing after work has failed', async () => {
  const seen: number[] = [];
  const work = withThrottle(
    100,
    (done: number) => seen.push(done),
    async (report) => {
      for (const done of [1, 2]) report(() => done);
      // Another part of the work, which the failure has not reached.
      setTimeout(() => report(() => 3), 500);
      throw new Error('broken');
    },
  );
  await expect(work).rejects.toThrow('broken');
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen).toEqual([1]);
});
