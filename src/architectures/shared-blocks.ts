/**
 * @file Which concatenations append to one shared block instead of copying: DenseNet's.
 *
 * Each layer of a dense block reads everything before it and appends a few channels. Concatenating copies all of it once per
 * layer: memory and traffic grow with the square of the depth. Here the block is allocated once at its final width, each
 * layer's channels are written to their place, and what a layer reads is a view of the block's first channels; backwards
 * one gradient of the same width collects what every layer sends. (Pleiss et al. 2017, https://arxiv.org/abs/1707.06990,
 * share storage to the same end.)
 */

import type { Graph, LayerNode } from './graph';

export interface Block {
  /** The first concatenation of the block makes it. */
  starts: boolean;
  /** Channels of the finished block. */
  width: number;
}

/**
 * Chains of two-input concatenations, each the first input of the next, whose outputs are otherwise read by BatchNorm only
 * (the one layer kind that reads a view), and before that next one (so that backwards its gradient is there to add to).
 */
export function planBlocks(graph: Graph, consumers: ReadonlyMap<string, LayerNode[]>): Map<string, Block> {
  const blocks = new Map<string, Block>();
  const places = new Map(graph.layers.map(({ name }, place) => [name, place]));
  const isBefore = (a: LayerNode, b: LayerNode) => (places.get(a.name) ?? 0) < (places.get(b.name) ?? 0);
  const isLink = (node: LayerNode, next: LayerNode | undefined) =>
    node.config.kind === 'concatenate' &&
    node.inputs.length === 2 &&
    (consumers.get(node.name) ?? []).every(
      (consumer) => consumer === next || (consumer.config.kind === 'batchNorm' && (!next || isBefore(consumer, next))),
    );
  for (const last of graph.layers.toReversed()) {
    if (blocks.has(last.name) || last.config.kind !== 'concatenate') continue;
    const chain: LayerNode[] = [];
    let node: LayerNode | undefined = last;
    while (node && isLink(node, chain.at(-1))) {
      chain.push(node);
      node = graph.byName.get(node.inputs[0]);
    }
    if (chain.length < 2) continue;
    const width = last.outputShape[2];
    for (const member of chain) blocks.set(member.name, { starts: member === chain.at(-1), width });
  }
  return blocks;
}
