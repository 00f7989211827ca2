/**
 * @file The jet colour map, byte for byte as matplotlib draws it.
 *
 * matplotlib's `_jet_data` (lib/matplotlib/_cm.py) sampled at 256 points, `int(value * 256)` to pick one, and bytes cut
 * off, not rounded, as `Colormap.__call__(bytes=True)` does.
 */

type Ramp = readonly (readonly [at: number, value: number])[];

const RED: Ramp = [
  [0, 0],
  [0.35, 0],
  [0.66, 1],
  [0.89, 1],
  [1, 0.5],
];
const GREEN: Ramp = [
  [0, 0],
  [0.125, 0],
  [0.375, 1],
  [0.64, 1],
  [0.91, 0],
  [1, 0],
];
const BLUE: Ramp = [
  [0, 0.5],
  [0.11, 1],
  [0.34, 1],
  [0.65, 0],
  [1, 0],
];

const COLOURS = 256;
const TABLE = buildTable();

/** Colours of values in 0..1 (others are clamped): RGBA, four bytes a value, opaque. */
export function paintJet(values: ArrayLike<number>): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let i = 0; i < values.length; i += 1) {
    const index = Math.min(COLOURS - 1, Math.max(0, Math.floor(values[i] * COLOURS)));
    pixels.set(TABLE.subarray(index * 4, index * 4 + 4), i * 4);
  }
  return pixels;
}

/** A CSS gradient of the map, 0 at the left. */
export function jetGradient(): string {
  const stops = Array.from({ length: 33 }, (_, i) => {
    const index = Math.round((i / 32) * (COLOURS - 1)) * 4;
    return `rgb(${TABLE[index]} ${TABLE[index + 1]} ${TABLE[index + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

function buildTable(): Uint8ClampedArray {
  const table = new Uint8ClampedArray(COLOURS * 4);
  for (let i = 0; i < COLOURS; i += 1) {
    const bytes = [RED, GREEN, BLUE].map((ramp) => Math.floor(interpolate(ramp, i) * 255));
    table.set([...bytes, 255], i * 4);
  }
  return table;
}

/** In matplotlib's order of operations: another rounds one byte of the table differently. */
function interpolate(ramp: Ramp, index: number): number {
  const scaled = ramp.map(([at]) => at * (COLOURS - 1));
  const next = scaled.findIndex((at) => at >= index);
  if (next <= 0) return ramp[0][1];
  const distance = (index - scaled[next - 1]) / (scaled[next] - scaled[next - 1]);
  return distance * (ramp[next][1] - ramp[next - 1][1]) + ramp[next - 1][1];
}
