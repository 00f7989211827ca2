/**
 * @file Gaussian noise by counter, four numbers at a time: the twin of base/hash-noise.ts, equal to float32 rounding.
 *
 * The logarithm is Cephes' logf (Moshier), good to about one unit in the last place; the cosine the series of the WGSL twin.
 */

const MULTIPLIER: i32 = 1664525;
const INCREMENT: i32 = 1013904223;
/** 0x9e3779b9 MULTIPLIER + INCREMENT. */
const THIRD_WORD: i32 = <i32>(0x9e3779b9 * 1664525 + 1013904223);

/** a s + b */
// @ts-ignore: decorator
@inline function step(a: v128, s: v128, b: f32): v128 {
  return f32x4.add(f32x4.mul(a, s), f32x4.splat(b));
}

/** ln u of normal numbers above 0. */
// @ts-ignore: decorator
@inline function logarithm(u: v128): v128 {
  // u = x 2^e with x in [sqrt(1/2), sqrt(2)): the bits below those of sqrt(1/2) carry into the exponent.
  const bits = i32x4.sub(u, i32x4.splat(0x3f3504f3));
  const exponent = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  const x = f32x4.sub(mantissa, f32x4.splat(1));
  const square = f32x4.mul(x, x);
  let series = f32x4.splat(7.0376836292e-2);
  series = step(series, x, -1.151461031e-1);
  series = step(series, x, 1.1676998740e-1);
  series = step(series, x, -1.2420140846e-1);
  series = step(series, x, 1.4249322787e-1);
  series = step(series, x, -1.6668057665e-1);
  series = step(series, x, 2.0000714765e-1);
  series = step(series, x, -2.4999993993e-1);
  series = step(series, x, 3.3333331174e-1);
  // ln 2 in two parts, the larger exact in a product with the exponent.
  let tail = f32x4.mul(f32x4.mul(series, x), square);
  tail = f32x4.add(tail, f32x4.mul(exponent, f32x4.splat(-2.12194440e-4)));
  tail = f32x4.sub(tail, f32x4.mul(square, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(x, tail), f32x4.mul(exponent, f32x4.splat(0.693359375)));
}

/** Standard normal numbers number `index` to `index + 3` of a seed. */
// @ts-ignore: decorator
@inline export function hashNormals(seed: i32, index: i32): v128 {
  const indices = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  let x = i32x4.splat(seed * MULTIPLIER + INCREMENT);
  let y = i32x4.add(i32x4.mul(indices, i32x4.splat(MULTIPLIER)), i32x4.splat(INCREMENT));
  let z = i32x4.splat(THIRD_WORD);
  x = i32x4.add(x, i32x4.mul(y, z));
  y = i32x4.add(y, i32x4.mul(z, x));
  z = i32x4.add(z, i32x4.mul(x, y));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  y = v128.xor(y, i32x4.shr_u(y, 16));
  z = v128.xor(z, i32x4.shr_u(z, 16));
  x = i32x4.add(x, i32x4.mul(y, z));
  y = i32x4.add(y, i32x4.mul(z, x));
  const inverse = f32x4.splat(1.0 / 16777216.0);
  const u = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_u(x, 8), i32x4.splat(1))), inverse);
  const w = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(y, 8)), inverse);
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), logarithm(u)));
  // With t = w - 1/2 in [-1/2, 1/2), cos(2 pi t) = sin(a), a = 2 pi (1/4 - |t|): a series good to 6e-8.
  const t = f32x4.abs(f32x4.sub(w, f32x4.splat(0.5)));
  const a = f32x4.mul(f32x4.splat(6.283185307179586), f32x4.sub(f32x4.splat(0.25), t));
  const s = f32x4.mul(a, a);
  let series = step(f32x4.splat(-1.0 / 110.0), s, 1);
  series = step(f32x4.mul(series, f32x4.splat(-1.0 / 72.0)), s, 1);
  series = step(f32x4.mul(series, f32x4.splat(-1.0 / 42.0)), s, 1);
  series = step(f32x4.mul(series, f32x4.splat(-1.0 / 20.0)), s, 1);
  series = step(f32x4.mul(series, f32x4.splat(-1.0 / 6.0)), s, 1);
  return f32x4.mul(f32x4.mul(radius, a), series);
}
