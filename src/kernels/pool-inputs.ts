/** @file What TensorFlow.js' pooling kernels take, on every device. */

import type { TensorInfo } from '@tensorflow/tfjs';

export interface PoolAttributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export interface MaxPoolGradInputs {
  /** [B, H', W', C] */
  dy: TensorInfo;
  /** [B, H, W, C] */
  input: TensorInfo;
  /** Of the forward pass, [B, H', W', C]. */
  output: TensorInfo;
}
