/** @file Calling TensorFlow.js kernels by name: stock ones without a public function, and ours where they are registered. */

import * as tf from '@tensorflow/tfjs';

type Inputs = Record<string, tf.Tensor | undefined>;
type Attributes = Record<string, unknown>;

/** Runs a kernel of the active backend that returns one tensor. Outside a `tf.tidy` the caller disposes it. */
export function runKernel(name: string, inputs: Inputs, attributes: Attributes): tf.Tensor {
  // TensorFlow.js types both maps more narrowly than what it accepts and what its own kernels pass.
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor;
}

/** The same for a kernel that returns several tensors. */
export function runKernels(name: string, inputs: Inputs, attributes: Attributes): tf.Tensor[] {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor[];
}

/** True when a kernel of ours (see kernels/) is registered for the active backend. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}
