/** @file A small network of every layer kind, for the tests of plans, estimates and passes. */

import type { Graph } from './graph';
import { GraphBuilder } from './graph-builder';

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
