/** @file Product of two matrices, either of them transposed, over `BatchMatMul` and `_FusedMatMul`. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { Finish, MatMulShape } from '../mat-mul-shape';
import { matrixPatches } from './patches';
import type { ProcessorBackend } from './processor-backend';
import { patchProduct, patchReduction, plainOperand, transposedOperand } from './product';

/**
 * a [M, K] (or [K, M] transposed), b [K, N] (or [N, K] transposed), bias [N], to [M, N]. Null where the stock kernel computes it:
 * a transposed, and b too, or with a bias or ReLU, which no pass needs.
 */
export function matMul(
  backend: ProcessorBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB, m, n, k, outputShape }: MatMulShape,
  finish: Finish = {},
): TensorInfo | null {
  if (transposeA && (transposeB || finish.bias || finish.relu)) return null;
  const result = backend.makeOnHeap(outputShape);
  if (transposeA) patchReduction(backend, matrixPatches(a, k, m), b, n, result);
  else {
    const operand = transposeB ? transposedOperand(b, k, n) : plainOperand(b, k, n);
    patchProduct(backend, matrixPatches(a, m, k), operand, result, finish);
  }
  return result;
}
