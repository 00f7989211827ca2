/** @file Which layer of a Keras file is which layer of a network. */

import type { WeightSpec } from '../domain/architecture';
import type { KerasLayer, KerasWeightsFile } from './keras-file';
import { parseWeightName } from './keras-weight-name';

/** A layer of ours that has weights. */
export interface LayerOutline {
  name: string;
  /** In Keras' order. */
  weights: readonly WeightSpec[];
}

/**
 * How one layer may be named in files, likeliest first: by its own name; with slashes (Keras 2's DenseNet has `conv1/conv`,
 * Keras 3's `conv1_conv`); after the name of the model it is in; with a number appended by the second graph of a session.
 */
const SPELLINGS: ((name: string) => string)[] = [
  (name) => name,
  (name) => name.replaceAll('/', '_'),
  lastPart,
  (name) => lastPart(name).replace(/_\d+$/, ''),
];

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The layers of these weights, in their order. */
export function outlineLayers(specs: readonly WeightSpec[]): LayerOutline[] {
  const layers = new Map<string, WeightSpec[]>();
  for (const spec of specs) layers.set(spec.layer, [...(layers.get(spec.layer) ?? []), spec]);
  return [...layers].map(([name, weights]) => ({ name, weights }));
}

/**
 * Pairs a network's layers with a file's: by name, or by position where no layer of a kind is found by name.
 * Whether the shapes fit is for `matchWeights` to say.
 * @param ours in Keras' order
 * @returns for each name of `ours` that found a partner, the layer of the file
 */
export function alignLayers(
  ours: readonly LayerOutline[],
  file: Pick<KerasWeightsFile, 'layers' | 'namedBy' | 'layout'>,
): Map<string, KerasLayer> {
  const pairs = alignByName(ours, file);
  for (const kind of ['conv2d', 'batch_normalization'] as const) {
    const own = ours.filter((layer) => kindOf(layer) === kind);
    if (own.some(({ name }) => pairs.has(name))) continue;
    const theirs = inOrder(
      file.layers.filter((layer) => kindInFile(layer) === kind),
      file.layout,
    );
    if (theirs && theirs.length >= own.length) pairInOrder(pairs, own, theirs);
  }
  return pairs;
}

/**
 * The layers in the order of the model: by number where Keras numbered all of them, else as the file lists them. Null where
 * the list has another order: the group of a model inside another lists the layers that learn first.
 */
function inOrder(layers: readonly KerasLayer[], layout: KerasWeightsFile['layout']): readonly KerasLayer[] | null {
  const numbered = [...rankAutoNumbered(layers).values()];
  if (numbered.length === 1 && numbered[0].length === layers.length) return numbered[0];
  return layout === 'keras3' || layers.every(({ path }) => path.length === 1) ? layers : null;
}

/**
 * Pairs a network's layers with a file's by what they are called.
 *
 * By name, in any of its {@link SPELLINGS}. Names that Keras numbers by itself
 * pair by rank of their number within their kind: `keras.applications` gives `conv2d`, `conv2d_1`, ... to the first
 * InceptionV3 of a session and the official file counts from `conv2d_1` to `conv2d_94`, so equal names are different layers.
 * Dense layers, whose names are chosen freely, pair in the order of the model.
 * @param ours in Keras' order
 * @returns for each name of `ours` that found a partner, the layer of the file
 */
export function alignByName(
  ours: readonly LayerOutline[],
  { layers, namedBy }: Pick<KerasWeightsFile, 'layers' | 'namedBy'>,
): Map<string, KerasLayer> {
  const theirs = layers.filter(({ weights }) => weights.length > 0);
  const pairs = new Map<string, KerasLayer>();
  pairInOrder(pairs, ours.filter(isDense), theirs.filter(isDenseLayer));
  if (namedBy === 'class') {
    const theirRanks = rankAutoNumbered(theirs);
    for (const kind of ['conv2d', 'batch_normalization'] as const) {
      const ranked = ours.filter((layer) => kindOf(layer) === kind);
      pairInOrder(pairs, ranked, theirRanks.get(kind) ?? []);
    }
    return pairs;
  }
  const lookups = SPELLINGS.map((spell) => new Map(theirs.map((layer) => [spell(layer.name), layer])));
  for (const layer of ours) {
    if (isDense(layer) || parseAutoName(layer.name)) continue;
    const partner = lookups.map((lookup) => lookup.get(layer.name)).find((found) => found !== undefined);
    if (partner) pairs.set(layer.name, partner);
  }
  const theirRanks = rankAutoNumbered(theirs);
  for (const [kind, ranked] of rankAutoNumbered(ours)) pairInOrder(pairs, ranked, theirRanks.get(kind) ?? []);
  return pairs;
}

function pairInOrder(
  pairs: Map<string, KerasLayer>,
  ours: readonly LayerOutline[],
  theirs: readonly KerasLayer[],
): void {
  ours.slice(0, theirs.length).forEach(({ name }, rank) => {
    pairs.set(name, theirs[rank]);
  });
}

function kindOf({ weights }: LayerOutline): 'conv2d' | 'dense' | 'batch_normalization' {
  const kernel = weights.find(({ name }) => name === 'kernel');
  if (!kernel) return 'batch_normalization';
  return kernel.shape.length === 4 ? 'conv2d' : 'dense';
}

function isDense(layer: LayerOutline): boolean {
  return kindOf(layer) === 'dense';
}

/** True for a layer of the file with a dense layer's kernel. */
export function isDenseLayer({ weights }: KerasLayer): boolean {
  return weights.some(({ name, shape }) => parseWeightName(name) === 'kernel' && shape.length === 2);
}

/** Null for dense layers too, and for layers that Thorax does not have. */
function kindInFile(layer: KerasLayer): 'conv2d' | 'batch_normalization' | null {
  const meanings = layer.weights.map(({ name }) => parseWeightName(name));
  if (meanings.includes('kernel')) return isDenseLayer(layer) ? null : 'conv2d';
  return meanings.includes('moving_mean') ? 'batch_normalization' : null;
}

/**
 * `conv2d_5`, Keras 1's `convolution2d_5`, TensorFlow 1's `batch_normalization_v1_5`. A second number comes from a second
 * graph of one session (Keras 2.3).
 */
function parseAutoName(name: string): { kind: string; number: number } | null {
  const match = /^(conv2d|convolution2d|batch_?normalization)(?:_v\d)?(?:_(\d+))?(?:_\d+)?$/.exec(name);
  if (!match) return null;
  return { kind: match[1].startsWith('conv') ? 'conv2d' : 'batch_normalization', number: Number(match[2] ?? 0) };
}

/** The auto-numbered layers by kind, each kind in the order of its numbers; equal numbers stay in their order. */
function rankAutoNumbered<L extends { name: string }>(layers: readonly L[]): Map<string, L[]> {
  const numbered = layers
    .flatMap((layer) => {
      const parsed = parseAutoName(lastPart(layer.name));
      return parsed ? [{ layer, ...parsed }] : [];
    })
    .sort((a, b) => a.number - b.number);
  const ranks = new Map<string, L[]>();
  for (const { layer, kind } of numbered) ranks.set(kind, [...(ranks.get(kind) ?? []), layer]);
  return ranks;
}
