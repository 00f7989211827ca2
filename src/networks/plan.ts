/**
 * @file What a pass over a graph has to do, decided once: which layers are differentiated, what is computed together, what
 * is kept for the backward pass and what is computed anew there.
 */

import type { Graph, LayerNode } from '../architectures/graph';
import { type Block, planBlocks } from './channel-blocks';
import { bindLayer } from './layers/layers';

export interface Plan {
  graph: Graph;
  /** Layers the gradient flows through: the tail. Everything before it, the stem, only runs forward. */
  differentiated: ReadonlySet<string>;
  /** Layers whose output gradient is asked for although they are not differentiated themselves. */
  targets: ReadonlySet<string>;
  /** BatchNorm layers that compute the ReLU after them, and those ReLUs. */
  fused: ReadonlySet<string>;
  /** By convolution, the frozen BatchNorm after it whose scale and shift are folded into its weights. */
  folded: ReadonlyMap<string, LayerNode>;
  /**
   * Outputs of BatchNorm (and the ReLU fused to it) that the backward pass computes anew from the kept input instead of
   * keeping them: an element-wise pass, for the largest part of what DenseNet would hold.
   */
  recomputed: ReadonlySet<string>;
  /** Concatenations that append to one shared block instead of copying. */
  blocks: ReadonlyMap<string, Block>;
  /** How often each output is read: by the layers after it, by the backward pass, and by who asked for it. */
  reads: ReadonlyMap<string, number>;
}

/** For inference: nothing is differentiated. */
export function planInference(graph: Graph): Plan {
  return plan(graph, new Set(), new Set());
}

/** For training: from the first trainable weights on. */
export function planTraining(graph: Graph): Plan {
  return plan(
    graph,
    downstream(graph, (node) => node.trainable && node.weights.length > 0),
    new Set(),
  );
}

/** For explanation: everything after `target`, whose gradient is wanted. */
export function planGradientAt(graph: Graph, target: string): Plan {
  return plan(
    graph,
    downstream(graph, (node) => node.inputs.includes(target)),
    new Set([target]),
  );
}

function plan(graph: Graph, differentiated: Set<string>, targets: Set<string>): Plan {
  const consumers = consumersOf(graph);
  const onlyConsumer = (name: string) => (consumers.get(name)?.length === 1 ? consumers.get(name)?.[0] : undefined);
  const fused = new Set<string>();
  const folded = new Map<string, LayerNode>();
  for (const node of graph.layers) {
    const next = targets.has(node.name) ? undefined : onlyConsumer(node.name);
    if (node.config.kind === 'batchNorm' && next?.config.kind === 'relu') fused.add(node.name).add(next.name);
    if (next && !differentiated.has(next.name) && isFoldable(node, next)) folded.set(node.name, next);
  }
  const recomputed = new Set<string>();
  for (const node of graph.layers) {
    const isNormalized = node.config.kind === 'batchNorm' ? !fused.has(node.name) : fused.has(node.name);
    const keepers = (consumers.get(node.name) ?? []).filter(
      (consumer) => differentiated.has(consumer.name) && bindLayer(consumer).keepsInputs,
    );
    const [source] = node.config.kind === 'relu' ? (graph.byName.get(node.inputs[0])?.inputs ?? []) : node.inputs;
    const isComputable = isNormalized && differentiated.has(node.name) && !recomputed.has(source);
    if (isComputable && keepers.length === 1) recomputed.add(node.name);
  }
  const blocks = targets.size === 0 ? planBlocks(graph, consumers) : new Map<string, Block>();
  const reads = new Map<string, number>();
  const addRead = (name: string) => reads.set(name, (reads.get(name) ?? 0) + 1);
  for (const node of graph.layers) {
    for (const input of node.inputs) addRead(input);
    if (!differentiated.has(node.name)) continue;
    const layer = bindLayer(node);
    if (layer.keepsInputs) for (const input of node.inputs) if (!recomputed.has(input)) addRead(input);
    if (layer.keepsOutput(fused.has(node.name))) addRead(node.name);
  }
  for (const name of [graph.output, ...targets]) addRead(name);
  return { graph, differentiated, targets, fused, folded, recomputed, blocks, reads };
}

/** A plain convolution and the frozen BatchNorm after it. */
function isFoldable({ config, trainable }: LayerNode, next: LayerNode): boolean {
  const isPlain = config.kind === 'conv2d' && !config.useBias && config.activation === 'linear';
  return isPlain && !trainable && next.config.kind === 'batchNorm' && !next.trainable;
}

function consumersOf(graph: Graph): Map<string, LayerNode[]> {
  const consumers = new Map<string, LayerNode[]>();
  for (const node of graph.layers) {
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  }
  return consumers;
}

/** Layers for which `starts` holds, and all that read them. */
function downstream(graph: Graph, starts: (node: LayerNode) => boolean): Set<string> {
  const found = new Set<string>();
  for (const node of graph.layers) {
    if (starts(node) || node.inputs.some((input) => found.has(input))) found.add(node.name);
  }
  return found;
}
