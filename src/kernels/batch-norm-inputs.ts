/** @file What the kernels of batch normalization take, on every device. */

import type { TensorInfo } from '@tensorflow/tfjs';

export interface BatchNormApplyInputs {
  /** [B, H, W, C'], of which the first C channels are the input. */
  x: TensorInfo;
  /** These [C]; without gamma the scale is 1, without beta the offset 0. */
  mean: TensorInfo;
  variance: TensorInfo;
  gamma?: TensorInfo;
  beta?: TensorInfo;
}

export interface BatchNormApplyAttributes {
  epsilon: number;
  relu: boolean;
  /** C; by default all of x. */
  channels?: number;
}

export interface BatchNormGradInputs {
  /** [B, H, W, C'], of which the first C channels are the layer's input. */
  x: TensorInfo;
  /** The gradient of the layer's output, dense: [B, H, W, C]. */
  dy: TensorInfo;
  /** [C] */
  mean: TensorInfo;
  variance: TensorInfo;
  /** [C]; absent where the layer has no scale. */
  gamma?: TensorInfo;
  /** [C]; read with `relu` only. */
  beta?: TensorInfo;
  /** [B, H, W, C'] like x: dx is added to its first C channels, in place, instead of being returned. */
  into?: TensorInfo;
}

export interface BatchNormGradAttributes {
  epsilon: number;
  /** Mean and variance are the batch's own, not constants. */
  training: boolean;
  /** A ReLU followed. */
  relu: boolean;
  /** C; by default all of x. */
  channels?: number;
}
