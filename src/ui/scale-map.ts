/** @file A heatmap's values brought to the range of a colour map. */

/**
 * Scales to 0..1 by the largest value.
 * @returns null for a map without a positive value: stretching it would only show noise.
 */
export function scaleMap(values: Float32Array): Float32Array<ArrayBuffer> | null {
  const largest = values.reduce((max, value) => Math.max(max, value), 0);
  return largest > 0 ? Float32Array.from(values, (value) => value / largest) : null;
}
