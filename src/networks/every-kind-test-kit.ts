/** @file Numbers for the small network of every layer kind, for the tests of the passes on every backend. */

import * as tf from '@tensorflow/tfjs';
import { type Graph, weightSpecs } from '../architectures/graph';
import { RandomStream } from '../base/random';
import { sizeOf } from '../domain/architecture';
import { initializeWeights } from './initialize';
import { Network } from './network';

/** Fills the weights with numbers that leave no ReLU on its kink and no statistic trivial. */
export function filled(graph: Graph, partBytes?: number): Network {
  const network = new Network(graph, partBytes);
  initializeWeights(network, 5);
  const stream = RandomStream.named(5, 'test');
  for (const spec of weightSpecs(graph)) {
    if (spec.name === 'kernel') continue;
    const values = Float32Array.from({ length: sizeOf(spec.shape) }, () => 0.5 + stream.uniform());
    network.loadWeight(spec, values);
  }
  return network;
}

export function images(): tf.Tensor {
  const stream = RandomStream.named(9, 'picture');
  return tf.tensor(
    Float32Array.from({ length: 4 * 7 * 7 * 3 }, () => stream.normal()),
    [4, 7, 7, 3],
  );
}

/** A fixed linear reading of the logits, so that its gradient is known: sum(logits * direction). */
export const DIRECTION = [1, -0.5, 0.3, 0.2, 0.9, -1, 0.4, 0.1, -0.7, 0.6, -0.2, 0.8];
