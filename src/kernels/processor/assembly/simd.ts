/** @file What the kernels do with SIMD registers of four floats. */

/** a b + c; rounded once where the build has relaxed SIMD and the processor an instruction for it, else twice. */
// @ts-ignore: decorator
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The larger of x and 0; NaN stays NaN. One instruction, which f32x4.max is not. */
// @ts-ignore: decorator
@inline export function positive(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

/**
 * Turns four rows of `length` floats into columns: out[k] = (row0[k], row1[k], row2[k], row3[k]).
 * @param stride bytes from one column to the next.
 */
export function turnRows(row0: usize, row1: usize, row2: usize, row3: usize, length: i32, out: usize, stride: usize): void {
  let left = length;
  for (; left >= 4; left -= 4) {
    const a = v128.load(row0);
    const b = v128.load(row1);
    const c = v128.load(row2);
    const d = v128.load(row3);
    const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i64>(abLow, cdLow, 0, 2));
    out += stride;
    v128.store(out, v128.shuffle<i64>(abLow, cdLow, 1, 3));
    out += stride;
    v128.store(out, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
    out += stride;
    v128.store(out, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
    out += stride;
    row0 += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
  for (; left > 0; left -= 1) {
    store<f32>(out, load<f32>(row0));
    store<f32>(out, load<f32>(row1), 4);
    store<f32>(out, load<f32>(row2), 8);
    store<f32>(out, load<f32>(row3), 12);
    out += stride;
    row0 += 4;
    row1 += 4;
    row2 += 4;
    row3 += 4;
  }
}
