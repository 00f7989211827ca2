/**
 * @file Numbers that the tests share with real Keras, made on both sides instead of shipped, and the fixtures' reader.
 *
 * The twin of e2e/reference/shared_numbers.py: integer arithmetic modulo 2^32 (the pcg3d of hash-noise.ts) and float64
 * operations in the same order, so that weights and images agree to the last bit. For tests only.
 */

const MULTIPLIER = 1664525;
const INCREMENT = 1013904223;
const THIRD_WORD = 0x9e3779b9;
const BUCKETS = 32;
const WHOLE_UP_TO = 64;

/** FNV-1a of an ASCII name. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}

/** The seed of a stream of weights or pixels. Seed 1 is the plain name. */
function streamOf(name: string, seed: number): number {
  return seedOf(seed === 1 ? name : `seed${seed}/${name}`);
}

/** The first word of pcg3d(seed, index, THIRD_WORD), signed. */
function hashWord(seed: number, index: number): number {
  let x = Math.imul(seed, MULTIPLIER) + INCREMENT;
  let y = Math.imul(index, MULTIPLIER) + INCREMENT;
  let z = Math.imul(THIRD_WORD, MULTIPLIER) + INCREMENT;
  x = (x + Math.imul(y, z)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  return (x + Math.imul(y, z)) | 0;
}

/** Uniform in [0, 1), 24 bits: what the hash gives at `index` under this seed. */
function uniformAt(seed: number, index: number): number {
  return (hashWord(seed, index) >>> 8) / 2 ** 24;
}

/** The first `size` numbers of the stream with this name, uniform in [0, 1), 24 bits. */
export function referenceUniform(name: string, size: number): Float32Array<ArrayBuffer> {
  const seed = seedOf(name);
  return Float32Array.from({ length: size }, (_, index) => uniformAt(seed, index));
}

/**
 * `lively`: every layer shows in the logits. `calm`: the same with BatchNorm shifts that keep ReLUs off their kinks.
 * `initial`: as a network starts, Glorot kernels and identity BatchNorm.
 */
export type ReferenceStyle = 'lively' | 'calm' | 'initial';

/** Which numbers: of a fixture's header. */
export interface ReferenceNumbers {
  style?: ReferenceStyle;
  seed?: number;
}

const CENTRES: Record<string, number> = { gamma: 1, moving_variance: 1 };
const REACHES: Record<string, number> = { bias: 0.05, gamma: 0.1, beta: 0.1, moving_mean: 0.1, moving_variance: 0.2 };

/**
 * The weight with this key as the generator gives it to Keras, row-major.
 * @param range only the elements from `start` to before `stop`: of a kernel too large to hold.
 */
export function referenceWeight(
  { layer, name, shape }: { layer: string; name: string; shape: readonly number[] },
  { style = 'lively', seed = 1 }: ReferenceNumbers = {},
  range?: { start: number; stop: number },
): Float32Array<ArrayBuffer> {
  const product = (sides: readonly number[]) => sides.reduce((size, side) => size * side, 1);
  const { start, stop } = range ?? { start: 0, stop: product(shape) };
  let reach = style === 'initial' ? 0 : REACHES[name];
  if (name === 'kernel') {
    const field = product(shape.slice(0, -2));
    const [channelsIn, channelsOut] = shape.slice(-2);
    reach = Math.sqrt(6 / (channelsIn * field + (style === 'initial' ? channelsOut * field : 0)));
  }
  const shifted = style === 'calm' && name === 'beta';
  const stream = streamOf(`weight/${layer}/${name}`, seed);
  const values = new Float32Array(stop - start);
  for (let i = 0; i < values.length; i += 1) {
    const word = hashWord(stream, start + i);
    const centre = shifted ? ((word & 3) === 0 ? -3 : 3) : (CENTRES[name] ?? 0);
    values[i] = centre + (((word >>> 8) / 2 ** 24) * 2 - 1) * reach;
  }
  return values;
}

/** A smooth and textured RGB image, `[size, size, 3]`: value noise of cells 37 and 9 pixels wide, and grain. */
export function referenceImage(name: string, size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const tone = streamOf(`${name}/tone`, seed);
  const contrast = 0.5 + 0.5 * uniformAt(tone, 1);
  const brightness = (1 - contrast) * uniformAt(tone, 0);
  const image = new Uint8Array(size * size * 3);
  for (let channel = 0; channel < 3; channel += 1) {
    const coarse = valueNoise(`${name}/coarse/${channel}`, size, 37, seed);
    const fine = valueNoise(`${name}/fine/${channel}`, size, 9, seed);
    const grain = streamOf(`${name}/grain/${channel}`, seed);
    for (let i = 0; i < size * size; i += 1) {
      const value = coarse[i] * 0.6 + fine[i] * 0.3 + uniformAt(grain, i) * 0.1;
      image[i * 3 + channel] = Math.floor((brightness + contrast * value) * 255);
    }
  }
  return image;
}

/** Bilinear between uniform numbers on a lattice, `[size, size]`. */
function valueNoise(name: string, size: number, cell: number, seed: number): Float64Array {
  const side = Math.floor((size - 1) / cell) + 2;
  const stream = streamOf(name, seed);
  const lattice = Float64Array.from({ length: side * side }, (_, i) => uniformAt(stream, i));
  const result = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    const top = Math.floor(row / cell) * side;
    const down = (row % cell) / cell;
    for (let column = 0; column < size; column += 1) {
      const left = Math.floor(column / cell);
      const across = (column % cell) / cell;
      const upper = lattice[top + left] * (1 - across) + lattice[top + left + 1] * across;
      const lower = lattice[top + side + left] * (1 - across) + lattice[top + side + left + 1] * across;
      result[row * size + column] = upper * (1 - down) + lower * down;
    }
  }
  return result;
}

/** Network input `[count, size, size, 3]`, 0..1: the images `name/0`, `name/1`, ... divided by 255. */
export function referenceBatch(name: string, count: number, size: number, seed = 1): Float32Array<ArrayBuffer> {
  const stride = size * size * 3;
  const batch = new Float32Array(count * stride);
  for (let index = 0; index < count; index += 1) {
    batch.set(
      Float32Array.from(referenceImage(`${name}/${index}`, size, seed), (byte) => byte / 255),
      index * stride,
    );
  }
  return batch;
}

/** A small array whole, a large one as norm and count sketch; see `sketch` in the generator. */
export type Sketch = { values: number[] } | { norm: number; sketch: number[] };

/**
 * How far `actual` is from what Keras had, relative to the norm of that: exact for a small array, for a large one
 * estimated from the sketch with a standard deviation of 12.5 %.
 */
export function relativeDistance(key: string, actual: ArrayLike<number>, expected: Sketch): number {
  const whole = 'values' in expected;
  if (whole && actual.length !== expected.values.length) return Number.POSITIVE_INFINITY;
  if (!whole && actual.length <= WHOLE_UP_TO) return Number.POSITIVE_INFINITY;
  const own = whole ? actual : countSketch(key, actual);
  const theirs = whole ? expected.values : expected.sketch;
  const distance = Math.hypot(...theirs.map((value, i) => own[i] - value));
  const norm = whole ? Math.hypot(...expected.values) : expected.norm;
  return norm > 0 ? distance / norm : distance;
}

function countSketch(key: string, values: ArrayLike<number>): Float64Array {
  const buckets = new Float64Array(BUCKETS);
  const seed = seedOf(`sketch/${key}`);
  for (let i = 0; i < values.length; i += 1) {
    const word = hashWord(seed, i);
    buckets[(word >>> 16) & (BUCKETS - 1)] += word < 0 ? -values[i] : values[i];
  }
  return buckets;
}

/** A fixture's lines: the header that names its makers, then the records. */
export function readFixture<Header, Line>(text: string): { header: Header; lines: Line[] } {
  const [header, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { header, lines };
}
