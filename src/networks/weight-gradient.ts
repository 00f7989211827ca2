/**
 * @file A weight's gradient on its way to the optimizer: a tensor, or for dense kernels the two factors of one.
 *
 * The gradient of a dense kernel is xᵀ dy, one product of a batch of rows: 1 GiB for InceptionV3's first dense layer, made
 * from 16 MiB. Kept as factors, it is multiplied out inside the update and never exists as a whole.
 */

import * as tf from '@tensorflow/tfjs';

export type WeightGradient = tf.Tensor | FactoredGradient;

/** The gradient xᵀ dy of a dense kernel as its two factors. */
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

/** A second reference to the same gradient, to be freed separately. */
export function copyGradient(gradient: WeightGradient): WeightGradient {
  return gradient instanceof FactoredGradient ? gradient.clone() : tf.clone(gradient);
}

/** Turns the gradient into one tensor, which the caller frees; the factors are freed. */
export function multiplyOut(gradient: WeightGradient): tf.Tensor {
  if (!(gradient instanceof FactoredGradient)) return gradient;
  const product = gradient.rows(0, gradient.x.shape[1]);
  gradient.dispose();
  return product;
}
