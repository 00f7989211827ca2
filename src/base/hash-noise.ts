/**
 * @file Gaussian noise by counter: the n-th number of a seed without the ones before it, so that a GPU thread and a loop
 * in TypeScript draw the same.
 *
 * The bits are pcg3d of Jarzynski and Olano, "Hash Functions for GPU Rendering" (JCGT 9(3), 2020), of
 * (seed, index, 0x9e3779b9), all in unsigned 32-bit arithmetic. From the first two words x and y, by Box and Muller:
 * u = ((x >>> 8) + 1) / 2^24 in (0, 1], w = (y >>> 8) / 2^24 in [0, 1), normal = sqrt(-2 ln u) cos(2 pi (w - 1/2)).
 * Its twins, equal to float32 rounding, are in kernels/webgpu/augment-images.ts and kernels/processor/assembly/hash-normal.ts.
 */

const MULTIPLIER = 1664525;
const INCREMENT = 1013904223;
const THIRD_WORD = 0x9e3779b9;

/**
 * A standard normal number.
 * @param seed 32 bits, signed or unsigned.
 * @param index counter, 0 and up.
 */
export function hashNormal(seed: number, index: number): number {
  let x = Math.imul(seed, MULTIPLIER) + INCREMENT;
  let y = Math.imul(index, MULTIPLIER) + INCREMENT;
  let z = Math.imul(THIRD_WORD, MULTIPLIER) + INCREMENT;
  x = (x + Math.imul(y, z)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  x = (x + Math.imul(y, z)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  const radius = Math.sqrt(-2 * Math.log(((x >>> 8) + 1) / 2 ** 24));
  return radius * Math.cos(2 * Math.PI * ((y >>> 8) / 2 ** 24 - 0.5));
}
