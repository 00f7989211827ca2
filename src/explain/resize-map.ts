/** @file Bilinear enlargement of a small map, pixel centres aligned (as OpenCV and PIL do it). */

/** @returns row-major `[size, size]`. */
export function resizeMap(map: Float32Array, height: number, width: number, size: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(size * size);
  const rows = samples(height, size);
  const columns = samples(width, size);
  for (let row = 0; row < size; row += 1) {
    const { before: top, after: bottom, share: down } = rows[row];
    for (let column = 0; column < size; column += 1) {
      const { before: left, after: right, share: across } = columns[column];
      const upper = map[top * width + left] * (1 - across) + map[top * width + right] * across;
      const lower = map[bottom * width + left] * (1 - across) + map[bottom * width + right] * across;
      result[row * size + column] = upper * (1 - down) + lower * down;
    }
  }
  return result;
}

/** For each position along the enlarged axis, the two it lies between and how far towards the second. */
function samples(inSize: number, outSize: number): { before: number; after: number; share: number }[] {
  return Array.from({ length: outSize }, (_, index) => {
    const position = Math.min(Math.max(((index + 0.5) * inSize) / outSize - 0.5, 0), inSize - 1);
    const before = Math.floor(position);
    return { before, after: Math.min(before + 1, inSize - 1), share: position - before };
  });
}
