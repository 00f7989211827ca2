/**
 * @file Which feature map a heatmap is computed from.
 *
 * Grad-CAM reads the last one. At the smallest input sizes that is a single point (DenseNet121 at 32 pixels, InceptionV3
 * at 75), which can locate nothing; then the last layer is taken that everything flows through and that still has
 * three by three points, and the explanation says so.
 */

import type { Graph, LayerNode } from '../architectures/graph';

const LEAST_SIDE = 3;

export interface FeatureMapChoice {
  name: string;
  height: number;
  width: number;
  note: string | null;
}

/** The network's last feature map, or the last usable one before it with a note for the person. */
export function chooseFeatureMap(graph: Graph): FeatureMapChoice {
  const own = graph.byName.get(graph.featureMap);
  if (!own) throw new Error(`No layer named ${graph.featureMap}`);
  const [height, width] = own.outputShape;
  if (height > 1 || width > 1) return { name: own.name, height, width, note: null };
  const earlier = bottlenecks(graph).findLast(({ outputShape: [h, w] }) => h >= LEAST_SIDE && w >= LEAST_SIDE);
  if (!earlier) return { name: own.name, height, width, note: `${own.name} is a single point at this input size.` };
  const [h, w] = earlier.outputShape;
  const note = `${own.name} is a single point at this input size; the map is read from ${earlier.name} (${h} × ${w}) instead.`;
  return { name: earlier.name, height: h, width: w, note };
}

/** Layers with weights or several inputs that all paths to the output lead through, first to last. */
function bottlenecks({ layers }: Graph): LayerNode[] {
  const lastReader = new Map<string, number>();
  for (const [index, node] of layers.entries()) for (const input of node.inputs) lastReader.set(input, index);
  let openUntil = 0;
  return layers.filter((node, index) => {
    const isOnlyWay = openUntil <= index;
    openUntil = Math.max(openUntil, lastReader.get(node.name) ?? 0);
    const isFeatureMap = node.outputShape.length === 3 && (node.weights.length > 0 || node.inputs.length > 1);
    return isOnlyWay && isFeatureMap;
  });
}
