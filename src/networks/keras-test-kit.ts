/** @file Networks and inputs filled with the numbers that real Keras had, for the comparisons in the modules above. */

import * as tf from '@tensorflow/tfjs';
import { type Graph, weightSpecs } from '../architectures/graph';
import { type ReferenceNumbers, referenceBatch, referenceWeight } from '../base/reference-test-kit';
import { Network } from './network';

/** The network with the weights that Keras had. */
export function referenceNetwork(graph: Graph, numbers?: ReferenceNumbers): Network {
  const network = new Network(graph);
  for (const spec of weightSpecs(graph)) network.loadWeight(spec, referenceWeight(spec, numbers));
  return network;
}

/** `[count, size, size, 3]`, 0..1, owned by the caller. */
export function referenceInput(name: string, count: number, size: number, seed = 1): tf.Tensor4D {
  return tf.tensor4d(referenceBatch(name, count, size, seed), [count, size, size, 3]);
}
