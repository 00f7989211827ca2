/**
 * @file How many pictures at a time go through the stem, the frozen layers that only run forward.
 *
 * Nothing of the stem is kept, but its outputs are the largest there are (VGG16 at 224 pixels: 12.8 MB a picture and layer);
 * a few pictures at a time need less memory, and fit into one binding of WebGPU's default limits.
 */

import type { LayerNode } from '../architectures/graph';
import { sizeOf } from '../domain/architecture';
import type { Plan } from './plan';
import { PART_BYTES } from './split-tensor';

/** The base's layers before the first differentiated one: the first layers of the graph. */
export function stemOf({ graph, differentiated }: Plan): LayerNode[] {
  const isPast = ({ name, part }: LayerNode) => part === 'head' || differentiated.has(name);
  const end = graph.layers.findIndex(isPast);
  return end === -1 ? graph.layers : graph.layers.slice(0, end);
}

/** Pictures a slice, so that slices are equal where that is possible and no output passes `limitBytes`. */
export function sliceSizeOf(plan: Plan, stem: LayerNode[], batch: number, limitBytes = PART_BYTES): number {
  const bytesOf = ({ name, outputShape: [height, width, channels] }: LayerNode) =>
    4 * sizeOf([height, width, plan.blocks.get(name)?.width ?? channels]);
  const most = Math.max(1, Math.floor(limitBytes / Math.max(1, ...stem.map(bytesOf))));
  if (most >= batch) return batch;
  for (let size = most; size > most / 2; size -= 1) if (batch % size === 0) return size;
  return most;
}
