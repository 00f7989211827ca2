/** @file Every layer kind by name. To add a kind: its configuration in graph.ts, its line in layer-rules.ts, its file here, its entry below. */

import type { ConfigOf, LayerKind, LayerNode } from '../../architectures/graph';
import { batchNorm } from './batch-norm';
import { conv2d } from './conv2d';
import { dense } from './dense';
import type { BackwardContext, BackwardResult, ForwardContext, ForwardResult, Layer } from './layer';
import { averagePool, globalAveragePool, maxPool } from './pooling';
import { relu } from './relu';
import { concatenate, flatten, zeroPad } from './reshaping';

type ComputedKind = Exclude<LayerKind, 'input'>;

const LAYERS: { [K in ComputedKind]: Layer<K> } = {
  conv2d,
  batchNorm,
  relu,
  maxPool,
  averagePool,
  globalAveragePool,
  zeroPad,
  concatenate,
  flatten,
  dense,
};

/** A layer's implementation with its configuration filled in. */
export interface BoundLayer {
  forward(context: ForwardContext): ForwardResult;
  backward(context: BackwardContext): BackwardResult;
}

/** @throws {Error} for the input layer, which computes nothing. */
export function bindLayer({ config }: LayerNode): BoundLayer {
  if (config.kind === 'input') throw new Error('The input layer computes nothing');
  return bind(config.kind, config);
}

function bind<K extends ComputedKind>(kind: K, config: ConfigOf<K>): BoundLayer {
  const layer: Layer<K> = LAYERS[kind];
  return {
    forward: (context) => layer.forward(config, context),
    backward: (context) => layer.backward(config, context),
  };
}
