/** @file A small network of every layer kind, filled with numbers, for the tests of the passes on every backend. */

import * as tf from '@tensorflow/tfjs';
import { type Graph, weightSpecs } from '../architectures/graph';
import { GraphBuilder } from '../architectures/graph-builder';
import { RandomStream } from '../base/random';
import { sizeOf } from '../domain/architecture';
import { initializeWeights } from './initialize';
import { Network } from './network';

/** Every layer kind once or more, with the awkward paddings and a dense block; 7 x 7 x 3 in, three classes out. */
export function everyKind(frozen: (name: string) => boolean = () => false): Graph {
  const g = new GraphBuilder();
  let x = g.input([7, 7, 3]);
  x = g.zeroPad(x, 1);
  x = g.conv2d(x, { filters: 4, kernel: 3, strides: 2, useBias: false });
  x = g.relu(g.batchNorm(x, { epsilon: 1e-3, scale: false }));
  const pooled = g.averagePool(x, { size: 3, strides: 1, padding: 'same' });
  const wide = g.conv2d(x, { filters: 5, kernel: [1, 3], padding: 'same', activation: 'relu' });
  x = g.concatenate([x, pooled, wide]);
  for (let layer = 0; layer < 3; layer += 1) {
    const normalized = g.relu(g.batchNorm(x, { epsilon: 1e-3 }));
    x = g.concatenate([x, g.conv2d(normalized, { filters: 2, kernel: 3, padding: 'same', useBias: false })]);
  }
  x = g.batchNorm(x, { epsilon: 1e-3, name: 'bn' });
  const featureMap = x;
  x = g.relu(x);
  x = g.maxPool(x, { size: 2, strides: 2, padding: 'same' });
  const mean = g.globalAveragePool(x, 'mean');
  x = g.dense(mean, { units: 6, activation: 'relu' });
  x = g.dense(x, { units: 3, activation: 'softmax' });
  return g.finish('densenet121', x, featureMap, (index, base) => !frozen(base[index].name));
}

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

export function picture(): tf.Tensor {
  const stream = RandomStream.named(9, 'picture');
  return tf.tensor(
    Float32Array.from({ length: 4 * 7 * 7 * 3 }, () => stream.normal()),
    [4, 7, 7, 3],
  );
}

/** A fixed linear reading of the logits, so that its gradient is known: sum(logits * direction). */
export const DIRECTION = [1, -0.5, 0.3, 0.2, 0.9, -1, 0.4, 0.1, -0.7, 0.6, -0.2, 0.8];
