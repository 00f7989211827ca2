/** @file What a pass over a graph has to do, decided once: which layers are differentiated, which ReLUs are fused. */

import type { Graph, LayerNode } from './graph';
import { bindLayer } from './layers/layers';

export interface Plan {
  graph: Graph;
  /** Layers the gradient flows through: the tail. Everything before it, the stem, only runs forward. */
  differentiated: ReadonlySet<string>;
  /** Layers whose output gradient is asked for although they are not differentiated themselves. */
  targets: ReadonlySet<string>;
  /** BatchNorm layers that compute the ReLU after them, and those ReLUs. */
  fused: ReadonlySet<string>;
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
  const consumers = new Map<string, number>();
  for (const node of graph.layers) {
    for (const input of node.inputs) consumers.set(input, (consumers.get(input) ?? 0) + 1);
  }
  const fused = new Set<string>();
  for (const node of graph.layers) {
    const [before] = node.inputs;
    const fits = node.config.kind === 'relu' && graph.byName.get(before)?.config.kind === 'batchNorm';
    if (fits && consumers.get(before) === 1 && !targets.has(before)) fused.add(before).add(node.name);
  }
  const reads = countReads(graph, differentiated, fused);
  for (const name of [graph.output, ...targets]) addRead(reads, name);
  return { graph, differentiated, targets, fused, reads };
}

function countReads(graph: Graph, differentiated: Set<string>, fused: Set<string>): Map<string, number> {
  const reads = new Map<string, number>();
  for (const node of graph.layers) {
    for (const input of node.inputs) addRead(reads, input);
    if (!differentiated.has(node.name)) continue;
    const layer = bindLayer(node);
    if (layer.keepsInputs) for (const input of node.inputs) addRead(reads, input);
    if (layer.keepsOutput(fused.has(node.name))) addRead(reads, node.name);
  }
  return reads;
}

function addRead(reads: Map<string, number>, name: string): void {
  reads.set(name, (reads.get(name) ?? 0) + 1);
}

/** Layers for which `starts` holds, and all that read them. */
function downstream(graph: Graph, starts: (node: LayerNode) => boolean): Set<string> {
  const found = new Set<string>();
  for (const node of graph.layers) {
    if (starts(node) || node.inputs.some((input) => found.has(input))) found.add(node.name);
  }
  return found;
}
