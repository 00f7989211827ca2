/**
 * @file A network as plain data: layers in Keras' order, each with its configuration, shapes and weights.
 *
 * An architecture file describes itself through the builder in graph-builder.ts; everything else (parameter counts,
 * forward and backward passes, weight files, exports) reads the finished {@link Graph}. No tensor lives here.
 */

import { sizeOf, type WeightSpec } from '../domain/architecture';
import type { NetworkId } from '../domain/network';

export type Padding = 'same' | 'valid';
export type Activation = 'linear' | 'relu' | 'softmax';

export type LayerConfig =
  | { kind: 'input'; shape: number[] }
  | {
      kind: 'conv2d';
      filters: number;
      kernel: [height: number, width: number];
      strides: number;
      padding: Padding;
      useBias: boolean;
      activation: 'linear' | 'relu';
    }
  | { kind: 'batchNorm'; epsilon: number; momentum: number; scale: boolean }
  | { kind: 'relu' }
  | { kind: 'maxPool'; size: number; strides: number; padding: Padding }
  | { kind: 'averagePool'; size: number; strides: number; padding: Padding }
  | { kind: 'globalAveragePool' }
  | { kind: 'zeroPad'; padding: number }
  | { kind: 'concatenate' }
  | { kind: 'flatten' }
  | { kind: 'dense'; units: number; activation: Activation };

export type LayerKind = LayerConfig['kind'];
export type ConfigOf<K extends LayerKind> = Extract<LayerConfig, { kind: K }>;

export interface LayerNode {
  name: string;
  config: LayerConfig;
  /** Names of the layers it reads. */
  inputs: string[];
  /** Without the batch: `[height, width, channels]` or `[units]`. */
  outputShape: number[];
  weights: WeightSpec[];
  trainable: boolean;
  /** `base` is what Keras calls the network without its top; `head` is the notebook's. */
  part: 'base' | 'head';
}

export interface Graph {
  network: NetworkId;
  /** Topological, in the order of Keras' `model.layers`. */
  layers: LayerNode[];
  byName: ReadonlyMap<string, LayerNode>;
  input: string;
  /** The layer whose output before its softmax are the logits. */
  output: string;
  /** The last feature map `[H, W, C]`, where Grad-CAM reads. */
  featureMap: string;
}

/** Every weight of a graph, in Keras' order. */
export function weightSpecs(graph: Graph): WeightSpec[] {
  return graph.layers.flatMap((node) => node.weights);
}

/** Number of parameters as Keras' `count_params`, and of those the optimizer moves. */
export function countParameters(graph: Graph): { total: number; trainable: number } {
  let total = 0;
  let trainable = 0;
  for (const spec of weightSpecs(graph)) {
    const size = sizeOf(spec.shape);
    total += size;
    if (spec.trainable) trainable += size;
  }
  return { total, trainable };
}
