/**
 * @file The sentence for a model that is one of the networks apart from its head.
 *
 * Most often that head is one dense layer on global pooling. A list of missing and differing layers, as for any other
 * misfit, would not say what to do.
 */

import type { Graph } from '../architectures/graph';
import { NETWORKS } from '../domain/network';
import type { KerasLayer } from './keras-file';
import { parseWeightName } from './keras-weight-name';

/** Numbers in and out of a dense layer. */
type DenseShape = readonly number[];

/**
 * What was found on the base, what is expected and what to do; null when the dense layers of the head fit.
 * @param onTop the file's layers with weights that stand on the base, in their order
 */
export function describeHeadMisfit(fileName: string, graph: Graph, onTop: readonly KerasLayer[]): string | null {
  const found = onTop.map(denseShape).filter((shape) => shape !== null);
  const others = onTop.filter((layer) => denseShape(layer) === null);
  const expected = graph.layers.filter(({ config }) => config.kind === 'dense').map(({ weights }) => weights[0].shape);
  if (others.length === 0 && String(found) === String(expected)) return null;

  const { name, pretrained } = NETWORKS[graph.network];
  const what = onTop.length === 0 ? 'without its head' : 'with another head';
  const foundWords = [denseWords(found), ...others.map((layer) => layer.name)].join(', and ');
  const single = found.at(-1)?.[1] === 1 ? ' One output is too few for softmax: even two classes need two.' : '';
  const advice = pretrained
    ? 'Drop the file under “Pretrained weights” on the Train screen: its base is used and such a head is trained on it. Or build this head in Keras, train it and drop that model here.'
    : `Build this head in Keras, train it and drop that model here; or train ${name} on the Train screen.`;
  return `${fileName} is ${name} ${what}. Found on its base: ${foundWords}. Expected: ${expectedWords(graph, expected)}.${single} ${advice}`;
}

/** Null for a layer that is not dense. */
function denseShape({ weights }: KerasLayer): DenseShape | null {
  return weights.find(({ name, shape }) => parseWeightName(name) === 'kernel' && shape.length === 2)?.shape ?? null;
}

/** `1 dense layer (512 → 3)`, or `no dense layer`. */
function denseWords(shapes: readonly DenseShape[]): string {
  if (shapes.length === 0) return 'no dense layer';
  return `${countWords(shapes.length)} (${chainOf(shapes).map(readable).join(' → ')})`;
}

/** `Flatten and 3 dense layers (25,088 → 4,096 → 4,096 → one output per class, softmax), at 224 px`. */
function expectedWords({ layers }: Graph, shapes: readonly DenseShape[]): string {
  const first = layers.findIndex(({ config }) => config.kind === 'dense');
  const before = layers[first - 1]?.config.kind === 'flatten' ? 'Flatten' : 'GlobalAveragePooling2D';
  const chain = [...chainOf(shapes).slice(0, -1).map(readable), 'one output per class, softmax'].join(' → ');
  const size = before === 'Flatten' ? `, at ${layers[0].outputShape[0]} px` : '';
  return `${before} and ${countWords(shapes.length)} (${chain})${size}`;
}

function chainOf(shapes: readonly DenseShape[]): number[] {
  return [shapes[0][0], ...shapes.map(([, units]) => units)];
}

function countWords(count: number): string {
  return count === 1 ? '1 dense layer' : `${count} dense layers`;
}

function readable(count: number): string {
  return count.toLocaleString('en');
}
