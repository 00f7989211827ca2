/**
 * @file What a pass over a graph is for, decided once: which layers are differentiated, what is computed together and what
 * is computed anew in the backward pass. pass-schedule.ts makes the steps of it.
 */

import type { Graph, LayerNode } from './graph';
import { readBack, type Wants } from './layer-rules';
import { type Block, planBlocks } from './shared-blocks';

export interface Plan {
  graph: Graph;
  /** Layers the gradient flows through: the tail. Everything before it, the stem, only runs forward. */
  differentiated: ReadonlySet<string>;
  /** Layers whose output and its gradient are returned although they are not differentiated themselves. */
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

/** Which gradients a layer's backward pass computes. A plan with targets computes no gradient of weights. */
export function wantsOf({ differentiated, targets }: Pick<Plan, 'differentiated' | 'targets'>, node: LayerNode): Wants {
  if (!differentiated.has(node.name)) return { inputs: false, weights: false };
  return {
    inputs: node.inputs.some((name) => differentiated.has(name) || targets.has(name)),
    weights: node.trainable && node.weights.length > 0 && targets.size === 0,
  };
}

/** The base's layers before the first differentiated one: the first layers of the graph. */
export function stemOf({ graph, differentiated }: Plan): LayerNode[] {
  const isPast = ({ name, part }: LayerNode) => part === 'head' || differentiated.has(name);
  const end = graph.layers.findIndex(isPast);
  return end === -1 ? graph.layers : graph.layers.slice(0, end);
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
  const readsInputs = (node: LayerNode) =>
    differentiated.has(node.name) &&
    readBack(node.config, fused.has(node.name), wantsOf({ differentiated, targets }, node)).inputs;
  const recomputed = new Set<string>();
  for (const node of graph.layers) {
    const isNormalized = node.config.kind === 'batchNorm' ? !fused.has(node.name) : fused.has(node.name);
    const keepers = (consumers.get(node.name) ?? []).filter(readsInputs);
    const [source] = node.config.kind === 'relu' ? (graph.byName.get(node.inputs[0])?.inputs ?? []) : node.inputs;
    const isComputable = isNormalized && differentiated.has(node.name) && !recomputed.has(source);
    if (isComputable && keepers.length === 1) recomputed.add(node.name);
  }
  const blocks = targets.size === 0 ? planBlocks(graph, consumers) : new Map<string, Block>();
  return { graph, differentiated, targets, fused, folded, recomputed, blocks };
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
