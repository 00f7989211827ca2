/** @file The largest whole number for which something holds that holds for no larger one, found by halving. */

/**
 * Steps of a search, one question each: a page does something else between them.
 * @param least of those that are asked about.
 * @param tooLarge does not hold.
 * @param holds as for a number, so for all below it.
 * @returns null when it does not hold for the least.
 */
export function* largestThatFits(
  least: number,
  tooLarge: number,
  holds: (value: number) => boolean,
): Generator<void, number | null> {
  yield;
  if (least >= tooLarge || !holds(least)) return null;
  let fitting = least;
  let above = tooLarge;
  while (above - fitting > 1) {
    yield;
    const middle = (fitting + above) >> 1;
    if (holds(middle)) fitting = middle;
    else above = middle;
  }
  return fitting;
}
