/** @file Bilinear resizing of a map of numbers, pixel centres aligned (as OpenCV and PIL do it). */

export interface MapSize {
  height: number;
  width: number;
}

/** Resizes a map, each axis by its own factor: row-major `[from.height, from.width]` to `[to.height, to.width]`. */
export function resizeMap(map: Float32Array, from: MapSize, to: MapSize): Float32Array<ArrayBuffer> {
  const result = new Float32Array(to.height * to.width);
  const rows = samples(from.height, to.height);
  const columns = samples(from.width, to.width);
  for (let row = 0; row < to.height; row += 1) {
    const { before: top, after: bottom, share: down } = rows[row];
    for (let column = 0; column < to.width; column += 1) {
      const { before: left, after: right, share: across } = columns[column];
      const upper = map[top * from.width + left] * (1 - across) + map[top * from.width + right] * across;
      const lower = map[bottom * from.width + left] * (1 - across) + map[bottom * from.width + right] * across;
      result[row * to.width + column] = upper * (1 - down) + lower * down;
    }
  }
  return result;
}

/** For each position along the resized axis, the two it lies between and how far towards the second. */
function samples(inSize: number, outSize: number): { before: number; after: number; share: number }[] {
  return Array.from({ length: outSize }, (_, index) => {
    const position = Math.min(Math.max(((index + 0.5) * inSize) / outSize - 0.5, 0), inSize - 1);
    const before = Math.floor(position);
    return { before, after: Math.min(before + 1, inSize - 1), share: position - before };
  });
}
