/**
 * @file The interface of a layer kind: its forward pass, and its gradients.
 *
 * We differentiate by hand instead of with TensorFlow.js' tape: a layer's gradient is handed to the optimizer and freed
 * before the next layer's is computed, saved tensors go as soon as they were used, and a frozen layer costs nothing.
 *
 * Ownership: `forward` and `backward` return tensors that belong to the caller and never dispose what they are given.
 */

import type * as tf from '@tensorflow/tfjs';
import type { ConfigOf, LayerKind } from '../../architectures/graph';
import type { WeightName } from '../../domain/architecture';
import type { WeightGradient } from '../weight-gradient';

/** The kernel of a dense layer comes in parts (rows in order), every other weight whole. */
export type LayerWeights = Partial<Record<WeightName, tf.Tensor>> & { kernelParts?: tf.Tensor[] };

export interface ForwardContext {
  /** Tensors `[B, H, W, C]` or `[B, N]`, in the order of the node's inputs. */
  inputs: tf.Tensor[];
  /** A BatchNorm's input may be a view: the first so many channels of a wider tensor, as its shape here says. */
  inputShapes: number[][];
  weights: LayerWeights;
  /** What an earlier pass of the same layer saved, when its output is only computed anew; else null. */
  saved: tf.Tensor[] | null;
  /** BatchNorm takes the batch's statistics instead of the moving ones. */
  batchStatistics: boolean;
  /** The ReLU that follows is computed here: its node passes the tensor through. */
  fuseRelu: boolean;
}

export interface ForwardResult {
  output: tf.Tensor;
  /** What `backward` will need besides inputs and output; null when nothing. */
  saved: tf.Tensor[] | null;
}

export interface BackwardContext {
  /** Empty when the kind does not read them back (architectures/layer-rules.ts). */
  inputs: tf.Tensor[];
  inputShapes: number[][];
  /**
   * What other layers have sent to the only input so far, for a kind that adds to it in place (to the first channels of a
   * wider one) and then returns null for the input; else null.
   */
  into: tf.Tensor | null;
  /** Null when the kind does not read it back. */
  output: tf.Tensor | null;
  saved: tf.Tensor[] | null;
  weights: LayerWeights;
  /** Gradient of the loss with respect to the output. */
  dy: tf.Tensor;
  batchStatistics: boolean;
  fuseRelu: boolean;
  /** False: the gradient of the inputs is not needed. */
  wantInputs: boolean;
  /** False: the weights are frozen. */
  wantWeights: boolean;
}

export interface BackwardResult {
  /** In the order of the inputs; null entries where none was wanted, or it was added to `into`. */
  inputs: (tf.Tensor | null)[];
  weights: Partial<Record<WeightName, WeightGradient>>;
}

export interface Layer<K extends LayerKind> {
  forward(config: ConfigOf<K>, context: ForwardContext): ForwardResult;
  backward(config: ConfigOf<K>, context: BackwardContext): BackwardResult;
}
