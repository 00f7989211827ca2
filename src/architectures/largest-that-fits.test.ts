import { expect, it } from 'vitest';
import { largestThatFits } from './largest-that-fits';

/** Searches to the end. @returns what is found, and what was asked, one at each step. */
function search(least: number, tooLarge: number, most: number): { value: number | null; asked: number[] } {
  const asked: number[] = [];
  const steps = largestThatFits(least, tooLarge, (value) => {
    asked.push(value);
    return value <= most;
  });
  for (;;) {
    const before = asked.length;
    const { done, value } = steps.next();
    expect(asked.length - before).toBeLessThanOrEqual(1);
    if (done) return { value, asked };
  }
}

it.each([
  [1, 33, 7, 7],
  [1, 33, 1, 1],
  [1, 33, 32, 32],
  [1, 2, 1, 1],
  [75, 900, 330, 330],
  [75, 900, 74, null],
  [1, 1, 1, null],
])('from %i and below %i, where %i is the largest that holds: %s', (least, tooLarge, most, expected) => {
  const { value, asked } = search(least, tooLarge, most);
  expect(value).toBe(expected);
  expect(asked.every((each) => each >= least && each < tooLarge)).toBe(true);
  expect(asked.length).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(tooLarge - least + 1)));
});
