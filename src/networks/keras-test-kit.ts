/** @file Networks and inputs filled with the numbers that real Keras had, for the comparisons in the rooms above. */

import * as tf from '@tensorflow/tfjs';
import { type ReferenceStyle, referenceBatch, referenceWeight } from '../base/reference-test-kit';
import type { NetworkId } from '../domain/network';
import { buildNetwork } from './build-network';
import { weightSpecs } from './graph';
import { Network } from './network';

/** The notebook's network of three classes with the weights that Keras had. */
export function referenceNetwork(id: NetworkId, size: number, style?: ReferenceStyle): Network {
  const network = new Network(buildNetwork(id, size, 3));
  for (const spec of weightSpecs(network.graph)) network.loadWeight(spec, referenceWeight(spec, style));
  return network;
}

/** `[count, size, size, 3]`, 0..1, owned by the caller. */
export function referenceInput(name: string, count: number, size: number): tf.Tensor4D {
  return tf.tensor4d(referenceBatch(name, count, size), [count, size, size, 3]);
}
