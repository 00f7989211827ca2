/** @file Product of two matrices, either of them transposed, with bias and ReLU fused, over `BatchMatMul` and `_FusedMatMul`. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { MatMulShape } from '../mat-mul-shape';
import { implicitMatMul } from './implicit-matmul';
import { type Fours, typeOf } from './matmul-plan';

const codeFor = (transposeA: boolean, transposeB: boolean, fours: Fours) => `
fn rowOf(m: u32) -> vec4<i32> { return vec4<i32>(i32(${transposeA ? 'm' : 'm * uniforms.sizeK'}), 0, 0, 0); }
fn stepOf(k: u32) -> vec4<i32> {
  return vec4<i32>(i32(${transposeA ? 'k * uniforms.sizeM' : 'k'}), i32(${transposeB ? 'k' : 'k * uniforms.sizeN'}), 0, 0);
}
fn nextStep(step: vec4<i32>, k: u32, by: i32) -> vec4<i32> { return stepOf(k); }
fn readA${fours.a ? '4' : ''}(row: vec4<i32>, step: vec4<i32>) -> ${typeOf(fours.a)} {
  return a[(row.x + step.x)${fours.a ? ' >> 2' : ''}];
}
fn readB${fours.b ? '4' : ''}(step: vec4<i32>, n: u32) -> ${typeOf(fours.b)} {
  return b[(u32(step.y) + ${transposeB ? 'n * uniforms.sizeK' : 'n'})${fours.b ? ' >> 2' : ''}];
}
`;

/** a [M, K] (or [K, M] transposed), b [K, N] (or [N, K] transposed), bias [N], to [M, N]. */
export function matMul(
  backend: WebGPUBackend,
  a: TensorInfo,
  b: TensorInfo,
  shape: MatMulShape,
  finish: { bias?: TensorInfo; relu?: boolean } = {},
): TensorInfo {
  const { transposeA, transposeB, m, n, k, outputShape } = shape;
  return implicitMatMul(backend, {
    name: `mat-mul-${transposeA}-${transposeB}`,
    m,
    n,
    k,
    a: { name: 'a', tensor: a },
    b: { name: 'b', tensor: b },
    uniforms: {},
    code: (fours) => codeFor(transposeA, transposeB, fours),
    aAlong: transposeA ? 'm' : 'k',
    bAlong: transposeB ? 'k' : 'n',
    fours: { a: (transposeA ? m : k) % 4 === 0, b: (transposeB ? k : n) % 4 === 0 },
    outputShape,
    ...finish,
  });
}
