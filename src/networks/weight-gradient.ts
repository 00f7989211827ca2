/**
 * @file A weight's gradient on its way to the optimizer: a tensor, or for dense kernels the two factors of one.
 *
 * The gradient of a dense kernel is xᵀ dy, one product of a batch of rows: 1 GiB for InceptionV3's first dense layer, made
 * from 16 MiB. Left as factors, it can be multiplied out where the weight is updated and need never exist.
 */

import * as tf from '@tensorflow/tfjs';

export type WeightGradient = tf.Tensor | FactoredGradient;

export class FactoredGradient {
  /** @param x `[B, in]` and @param dy `[B, units]`: both are owned from here on. */
  constructor(
    readonly x: tf.Tensor2D,
    readonly dy: tf.Tensor2D,
  ) {}

  /** Rows `first .. first + count` of the gradient `[in, units]`; they belong to the caller. */
  rows(first: number, count: number): tf.Tensor2D {
    const whole = first === 0 && count === this.x.shape[1];
    const x = whole ? tf.clone(this.x) : tf.slice2d(this.x, [0, first], [this.x.shape[0], count]);
    const product: tf.Tensor2D = tf.matMul(x, this.dy, true, false);
    x.dispose();
    return product;
  }

  clone(): FactoredGradient {
    return new FactoredGradient(tf.clone(this.x), tf.clone(this.dy));
  }

  dispose(): void {
    this.x.dispose();
    this.dy.dispose();
  }
}

/** The same gradient once more, to be freed on its own. */
export function copyGradient(gradient: WeightGradient): WeightGradient {
  return gradient instanceof FactoredGradient ? gradient.clone() : tf.clone(gradient);
}

/** The gradient as one tensor, which then belongs to the caller in its stead. */
export function multiplyOut(gradient: WeightGradient): tf.Tensor {
  if (!(gradient instanceof FactoredGradient)) return gradient;
  const product = gradient.rows(0, gradient.x.shape[1]);
  gradient.dispose();
  return product;
}
