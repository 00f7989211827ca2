/**
 * @file Brings a decoded image to another size exactly as Pillow does, on which Keras' `load_img` rests.
 *
 * Ancestry: Pillow `src/libImaging/Geometry.c` (nearest) and `src/libImaging/Resample.c` (bilinear: a triangle filter
 * that widens when shrinking, fixed-point weights of 22 bits, rounded to bytes between the two passes).
 */

import type { Interpolation } from '../../domain/dataset';

/** A decoded image of `stride` bytes per pixel, of which the first three are read. // [height, width, stride] */
export interface Raster {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  stride: 3 | 4;
}

/** RGB bytes, row-major. // [height, width, 3] */
export function resizeRaster(raster: Raster, width: number, height: number, interpolation: Interpolation): Uint8Array {
  switch (interpolation) {
    case 'nearest':
      return resizeNearest(raster, width, height);
    case 'bilinear':
      return resizeBilinear(raster, width, height);
    default:
      return interpolation satisfies never;
  }
}

/** Each pixel takes the source pixel its centre falls on. // [height, width, 3] */
export function resizeNearest(raster: Raster, width: number, height: number): Uint8Array {
  const columns = nearestSources(raster.width, width);
  const rows = nearestSources(raster.height, height);
  const result = new Uint8Array(width * height * 3);
  let target = 0;
  for (let y = 0; y < height; y += 1) {
    const line = rows[y] * raster.width;
    for (let x = 0; x < width; x += 1) {
      const source = (line + columns[x]) * raster.stride;
      result[target] = raster.data[source];
      result[target + 1] = raster.data[source + 1];
      result[target + 2] = raster.data[source + 2];
      target += 3;
    }
  }
  return result;
}

/** Adds the step repeatedly, as Pillow does: a product would sometimes differ in the last bit. */
function nearestSources(from: number, to: number): Int32Array {
  const step = from / to;
  const sources = new Int32Array(to);
  let position = step * 0.5;
  for (let i = 0; i < to; i += 1) {
    sources[i] = Math.min(from - 1, Math.floor(position));
    position += step;
  }
  return sources;
}

/** Triangle filter, antialiased when shrinking. // [height, width, 3] */
export function resizeBilinear(raster: Raster, width: number, height: number): Uint8Array {
  const across = triangleWeights(raster.width, width);
  const narrow = new Uint8Array(width * raster.height * 3);
  for (let y = 0; y < raster.height; y += 1) {
    const line = y * raster.width;
    for (let x = 0; x < width; x += 1) {
      weigh(
        raster.data,
        (line + across.starts[x]) * raster.stride,
        raster.stride,
        across,
        x,
        narrow,
        (y * width + x) * 3,
      );
    }
  }
  const down = triangleWeights(raster.height, height);
  const result = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      weigh(narrow, (down.starts[y] * width + x) * 3, width * 3, down, y, result, (y * width + x) * 3);
    }
  }
  return result;
}

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

interface Weights {
  /** First source pixel of each target pixel, and how many follow. */
  starts: Int32Array;
  counts: Int32Array;
  /** `reach` weights per target pixel, scaled by 2^22. */
  values: Int32Array;
  reach: number;
}

function triangleWeights(from: number, to: number): Weights {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const reach = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const values = new Int32Array(to * reach);
  const exact = new Float64Array(reach);
  for (let i = 0; i < to; i += 1) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - start;
    let total = 0;
    for (let j = 0; j < count; j += 1) {
      exact[j] = Math.max(0, 1 - Math.abs((j + start - centre + 0.5) / support));
      total += exact[j];
    }
    for (let j = 0; j < count; j += 1) {
      values[i * reach + j] = Math.trunc(0.5 + (exact[j] / total) * (1 << PRECISION_BITS));
    }
    starts[i] = start;
    counts[i] = count;
  }
  return { starts, counts, values, reach };
}

/** One target pixel: three weighted sums over source pixels `pitch` bytes apart. */
function weigh(
  source: Uint8Array | Uint8ClampedArray,
  from: number,
  pitch: number,
  weights: Weights,
  index: number,
  target: Uint8Array,
  to: number,
): void {
  let red = HALF;
  let green = HALF;
  let blue = HALF;
  const first = index * weights.reach;
  let at = from;
  for (let j = 0; j < weights.counts[index]; j += 1) {
    const weight = weights.values[first + j];
    red += source[at] * weight;
    green += source[at + 1] * weight;
    blue += source[at + 2] * weight;
    at += pitch;
  }
  target[to] = Math.min(255, red >> PRECISION_BITS);
  target[to + 1] = Math.min(255, green >> PRECISION_BITS);
  target[to + 2] = Math.min(255, blue >> PRECISION_BITS);
}
