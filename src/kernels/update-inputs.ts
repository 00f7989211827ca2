/** @file What the kernels that update weights take, on every device. */

import type { TensorInfo } from '@tensorflow/tfjs';

/** All of one size; all but the gradient are overwritten, and so is every tensor that shares their memory. */
export interface AdamInputs {
  value: TensorInfo;
  gradient: TensorInfo;
  /** Moving means of the gradient and of its square; zeros before the first step. */
  m: TensorInfo;
  v: TensorInfo;
}

export interface AdamAttributes {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Counted from 1. */
  step: number;
}

/** All of one size; all but the gradient are overwritten, and so is every tensor that shares their memory. */
export interface SgdInputs {
  value: TensorInfo;
  gradient: TensorInfo;
  velocity?: TensorInfo;
}

export interface SgdAttributes {
  learningRate: number;
  /** Ignored without a velocity. */
  momentum: number;
}

/** `value0`, `gradient0`, ... and the slots likewise; the n-th ones of one size. All but the gradients are overwritten. */
export type ManyInputs = Record<string, TensorInfo | undefined>;

/** All [C]; the moving ones are overwritten, and so is every tensor that shares their memory. */
export interface MoveStatisticsInputs {
  movingMean: TensorInfo;
  movingVariance: TensorInfo;
  mean: TensorInfo;
  variance: TensorInfo;
}

export interface DenseUpdateInputs {
  /** The layer's input [B, K]. */
  x: TensorInfo;
  /** Gradient of the layer's output before its activation [B, N]. */
  dy: TensorInfo;
  /** Rows firstRow to firstRow + R of the kernel [K, N]: [R, N]. Overwritten, as are the slots. */
  value: TensorInfo;
}

export interface DenseAdamInputs extends DenseUpdateInputs {
  /** [R, N] */
  m: TensorInfo;
  v: TensorInfo;
}

export interface DenseSgdInputs extends DenseUpdateInputs {
  /** [R, N] */
  velocity?: TensorInfo;
}

export interface FirstRow {
  firstRow: number;
}

/** Adam's numbers of this step, with the bias correction in the rate. */
export function adamNumbers({ learningRate, beta1, beta2, epsilon, step }: AdamAttributes) {
  const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  return { rate, share1: 1 - beta1, share2: 1 - beta2, epsilon };
}

/** The n-th of each name together, for as many as there are. */
export function numbered<Name extends string>(inputs: ManyInputs, names: readonly Name[]): Record<Name, TensorInfo>[] {
  const weights: Record<Name, TensorInfo>[] = [];
  while (inputs[`value${weights.length}`]) {
    const index = weights.length;
    const tensors = names.map((name) => {
      const tensor = inputs[`${name}${index}`];
      if (!tensor) throw new Error(`The update of several weights lacks ${name}${index}.`);
      return [name, tensor] as const;
    });
    weights.push(Object.fromEntries(tensors) as Record<Name, TensorInfo>);
  }
  return weights;
}
