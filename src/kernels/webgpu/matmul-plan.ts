/** @file The description of a product and of its plan: what implicit-matmul.ts and its two plans exchange. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { PassUniform } from './uniform-cache';

export interface ImplicitMatMul {
  /** Names the addressing rules below: one name, one `code`. */
  name: string;
  /** Sides of C and length of the sum. */
  m: number;
  n: number;
  k: number;
  /** What `code` reads A and B from. */
  a: MatMulOperand;
  b: MatMulOperand;
  uniforms: Record<string, PassUniform>;
  /**
   * WGSL: `rowOf(m: u32) -> vec4<i32>` and `stepOf(k: u32) -> vec4<i32>`, computed rarely, and from them
   * `readA(row: vec4<i32>, step: vec4<i32>) -> f32`, `readB(step: vec4<i32>, n: u32) -> f32`.
   * `stepOf`, `readA` and `readB` are called within bounds. `nextStep(step: vec4<i32>, k: u32, by: i32) -> vec4<i32>` is
   * `stepOf(k)` from that of `k - by`, without divisions (which processors do one lane at a time). An operand read four at
   * a time has `readA4` or `readB4` instead, which give four neighbours along `aAlong` or `bAlong`, from an index that is a
   * multiple of four.
   */
  code: (fours: Fours) => string;
  /** Which index runs along memory, so that neighbouring threads read neighbouring addresses. */
  aAlong: 'm' | 'k';
  bAlong: 'k' | 'n';
  /** What can be read four at a time: that side (m, n or k) is a multiple of four, and four lie side by side in memory. */
  fours: Fours;
  /** Added to C by column before the activation. */
  bias?: TensorInfo;
  relu?: boolean;
  /** Shape of the result; m * n elements, row-major, unless they are scattered. */
  outputShape: number[];
  /** Writes row m of C over row `placeOf(m)` of an existing tensor. */
  scatter?: {
    output: TensorInfo;
    /** WGSL: `placeOf(m: u32) -> u32`, from uniforms alone. */
    code: string;
  };
}

export interface MatMulOperand {
  /** Name in the WGSL code. */
  name: string;
  tensor: TensorInfo;
}

/** Which operands are read four at a time, as `vec4<f32>`. */
export interface Fours {
  a: boolean;
  b: boolean;
}

/** WGSL type of what is read at once. */
export function typeOf(four: boolean): 'f32' | 'vec4<f32>' {
  return four ? 'vec4<f32>' : 'f32';
}

/** How C is shared out among threads. */
export interface MatMulPlan {
  /** Names the code within a product's. */
  key: string;
  /** Workgroups, and how many pieces of C (`uniforms.across`) lie side by side; `uniforms.groups` is the first. */
  groups: number;
  across: number;
  /**
   * How a long sum is split: as for so many workgroups, into parts that are multiples of `depth`. Both depend on the
   * product alone and never on a measured choice of tile, so that a seed gives the same bits after that choice is lost.
   */
  split: { groups: number; depth: number };
  /** WGSL but for `placeOf`; takes the pieces from `uniforms.firstGroup` workgroups on. */
  code: (hasBias: boolean) => string;
  /** Of what the product offers. */
  fours: Fours;
}
