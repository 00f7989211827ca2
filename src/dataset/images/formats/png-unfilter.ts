/** @file Undoes the filter of one line of a PNG. Source: https://www.w3.org/TR/png-3/#9Filters */

/**
 * @param line The filter's byte and the filtered bytes; holds the plain bytes afterwards.
 * @param above The line above, plain, of the same length; zeros above the first.
 * @param pixelBytes Bytes per pixel: the distance to the pixel on the left.
 * @returns false when there is no such filter.
 */
export function unfilterLine(line: Uint8Array, above: Uint8Array, pixelBytes: number): boolean {
  const { length } = line;
  const second = Math.min(length, 1 + pixelBytes);
  switch (line[0]) {
    case 0:
      return true;
    case 1:
      for (let i = second; i < length; i += 1) line[i] += line[i - pixelBytes];
      return true;
    case 2:
      for (let i = 1; i < length; i += 1) line[i] += above[i];
      return true;
    case 3:
      for (let i = 1; i < second; i += 1) line[i] += above[i] >> 1;
      for (let i = second; i < length; i += 1) line[i] += (line[i - pixelBytes] + above[i]) >> 1;
      return true;
    case 4:
      for (let i = 1; i < second; i += 1) line[i] += above[i];
      for (let i = second; i < length; i += 1) line[i] += paeth(line[i - pixelBytes], above[i], above[i - pixelBytes]);
      return true;
    default:
      return false;
  }
}

/** Of left, upper and upper left: the one nearest to left + upper - upper left. */
function paeth(left: number, upper: number, corner: number): number {
  const toLeft = Math.abs(upper - corner);
  const toUpper = Math.abs(left - corner);
  const toCorner = Math.abs(left + upper - 2 * corner);
  if (toLeft <= toUpper && toLeft <= toCorner) return left;
  return toUpper <= toCorner ? upper : corner;
}
