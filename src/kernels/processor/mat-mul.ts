/** @file Product of two matrices, either of them transposed, over `BatchMatMul` and `_FusedMatMul`. */

import type { TensorInfo } from '@tensorflow/tfjs';
import type { Finish, MatMulShape } from '../mat-mul-shape';
import { elementParts } from './parts';
import { matrixPatches } from './patches';
import type { ProcessorBackend } from './processor-backend';
import { patchProduct, patchReduction, plainOperand, RELU, transposedOperand } from './product';
import { isStreamed, streamParts } from './product-parts';

/**
 * a [M, K] (or [K, M] transposed), b [K, N] (or [N, K] transposed), bias [N], to [M, N]. Null where the stock kernel computes it:
 * a transposed, and b too, or with a bias or ReLU, which no pass needs.
 */
export function matMul(
  backend: ProcessorBackend,
  a: TensorInfo,
  b: TensorInfo,
  shape: MatMulShape,
  finish: Finish = {},
): TensorInfo | null {
  const { transposeA, transposeB, m, n, k, outputShape } = shape;
  if (transposeA && (transposeB || finish.bias || finish.relu)) return null;
  const result = backend.makeOnHeap(outputShape);
  if (transposeA) patchReduction(backend, matrixPatches(a, k, m), b, n, result);
  else if (isStreamed(m, n, k)) streamedProduct(backend, a, b, shape, result, finish);
  else {
    const operand = transposeB ? transposedOperand(b, k, n) : plainOperand(b, k, n);
    patchProduct(backend, matrixPatches(a, m, k), operand, result, finish);
  }
  return result;
}

/** For a few rows: b is read once, as it lies in memory. */
function streamedProduct(
  backend: ProcessorBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeB, m, n, k }: MatMulShape,
  result: TensorInfo,
  { bias, relu = false }: Finish,
): void {
  const end = [bias ?? 0, relu ? RELU : 0];
  if (transposeB) {
    backend.run('dotProduct', elementParts(n * k), [a, b, result, ...end, m, n, k]);
    return;
  }
  const parts = streamParts(m, n, k);
  backend.borrow(4 * m * n * parts, (partial) => {
    backend.run('streamProduct', parts, [a, b, partial, m, n, k]);
    backend.run('sumArrays', elementParts(m * n), [partial, result, m, n, parts, ...end]);
  });
}
