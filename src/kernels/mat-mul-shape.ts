/** @file Which dense products our kernels compute, on any device, and what they add at the end. */

import { type TensorInfo, util } from '@tensorflow/tfjs';

export interface MatMulShape {
  transposeA: boolean;
  transposeB: boolean;
  m: number;
  n: number;
  k: number;
  /** [M, N], with as many leading ones as the operands have. */
  outputShape: number[];
}

/** Shape of the product, or null when the stock kernel has to compute it: a true batch, not float32, or empty. */
export function matMulShapeOf(
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): MatMulShape | null {
  const leading = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  if (leading.flat().some((side) => side !== 1) || a.dtype !== 'float32' || b.dtype !== 'float32') return null;
  const [rowsA, columnsA] = a.shape.slice(-2);
  const [rowsB, columnsB] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  if (m * n * k === 0) return null;
  const ones = leading[0].length > leading[1].length ? leading[0] : leading[1];
  return { transposeA, transposeB, m, n, k, outputShape: [...ones, m, n] };
}

/** What comes after a product: a bias per column, ReLU. */
export interface Finish {
  bias?: TensorInfo;
  relu?: boolean;
}

export interface FinishInputs {
  bias?: TensorInfo;
  preluActivationWeights?: TensorInfo;
}

export interface FinishAttributes {
  activation: string;
}

/** Bias and activation for our products, or null when they do not support them. */
export function finishOf(
  { bias, preluActivationWeights }: FinishInputs,
  { activation }: FinishAttributes,
  columns: number,
): Finish | null {
  const known = activation === 'linear' || activation === 'relu';
  if (!known || preluActivationWeights || (bias && util.sizeFromShape(bias.shape) !== columns)) return null;
  return { bias, relu: activation === 'relu' };
}
