/**
 * @file Which weights of the file belong to which layer of its configuration.
 *
 * Keras 2's layout has a group with the name of each layer; inside a model's group each weight has its layer's name. Keras
 * 3's layout counts classes in the order of the configuration, model by model. A layer renamed after its weights were made
 * has weights of the old name.
 */

import type { KerasLayer, KerasWeightsFile } from './keras-file';
import type { ConfiguredLayer, ModelTree } from './keras-topology';

/** Layers that Thorax reads weights of. */
const WEIGHTED_CLASSES = /^(Conv2D|Convolution2D|Dense|(Sync)?BatchNormalization(V[12])?)$/;

/**
 * Finds the weights in the file for the layers of its configuration.
 * @returns the file's layers by those of the configuration; without those that were not found
 */
export function linkLayers(
  tree: ModelTree,
  { layers, layout }: Pick<KerasWeightsFile, 'layers' | 'layout'>,
): Map<ConfiguredLayer, KerasLayer> {
  const weighted = layers.filter(({ weights }) => weights.length > 0);
  const links = new Map<ConfiguredLayer, KerasLayer>();
  if (layout === 'keras3') linkByClass(tree, weighted, 0, links);
  else linkByGroup(tree, weighted, links);
  return links;
}

/**
 * `layers/functional/layers/conv2d_3`: the model's layers of a class, in its order, are those of the file in the order
 * of their numbers. The numbers may have gaps: Keras 2.12 counted each layer twice.
 */
function linkByClass(
  tree: ModelTree,
  layers: readonly KerasLayer[],
  depth: number,
  links: Map<ConfiguredLayer, KerasLayer>,
): void {
  const groups = groupBy(layers, ({ path }) => path[depth]);
  const names = [...groups.keys()].sort((a, b) => numberOf(a) - numberOf(b));
  for (const [kind, children] of groupBy(tree.children.filter(hasWeights), ({ className }) => snakeCase(className))) {
    const own = names.filter((name) => name.replace(/_\d+$/, '') === kind);
    for (const [rank, child] of children.entries()) {
      const found = groups.get(own[rank]) ?? [];
      if (isModel(child)) linkByClass(child, found, depth + 1, links);
      else if (found.length === 1) links.set(child, found[0]);
    }
  }
}

/** A group for each layer or model of the file's own model. */
function linkByGroup(tree: ModelTree, layers: readonly KerasLayer[], links: Map<ConfiguredLayer, KerasLayer>): void {
  const groups = groupBy(layers, ({ path }) => path[0]);
  for (const child of tree.children) {
    const found = groups.get(child.name) ?? [];
    if (isModel(child)) linkInside(child, found, links);
    else if (found.length === 1) links.set(child, found[0]);
  }
}

/** By name where every layer is found by it, else in the order in which a model lists its weights: frozen layers last. */
function linkInside(model: ModelTree, layers: readonly KerasLayer[], links: Map<ConfiguredLayer, KerasLayer>): void {
  const inside = weightedLayersIn(model);
  const listed = [...inside.filter(({ trainable }) => trainable), ...inside.filter(({ trainable }) => !trainable)];
  const [named] = SPELLINGS.map((spell) => findNamed(inside, layers, spell)).filter((found) => found !== null);
  if (named) for (const [place, layer] of inside.entries()) links.set(layer, named[place]);
  else if (listed.length === layers.length)
    for (const [place, layer] of listed.entries()) links.set(layer, layers[place]);
}

/** As it is, or with the number that a session's second graph put behind it. */
const SPELLINGS = [(name: string) => name, (name: string) => name.replace(/_\d+$/, '')];

/** Null unless every layer is found, and no two are the same. `vgg16/block1_conv1` is `block1_conv1` inside of a model. */
function findNamed(inside: readonly ConfiguredLayer[], layers: readonly KerasLayer[], spell: (name: string) => string) {
  const paths = layers.map(({ path }) => spell(path.at(-1) ?? ''));
  const found = inside.map(({ name }) => layers.filter((_, i) => paths[i] === name || paths[i].endsWith(`/${name}`)));
  const isSound = found.every(({ length }) => length === 1) && new Set(found.flat()).size === inside.length;
  return isSound ? found.flat() : null;
}

function weightedLayersIn(model: ModelTree): ConfiguredLayer[] {
  return model.children.flatMap((child) => {
    if (isModel(child)) return weightedLayersIn(child);
    return hasWeights(child) ? [child] : [];
  });
}

function hasWeights(child: ModelTree | ConfiguredLayer): boolean {
  if (isModel(child)) return child.children.some(hasWeights);
  if (child.className === 'Normalization') return (child.settings.mean ?? null) === null;
  return WEIGHTED_CLASSES.test(child.className);
}

function isModel(child: ModelTree | ConfiguredLayer): child is ModelTree {
  return 'children' in child;
}

/** As Keras' `to_snake_case`. */
function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function numberOf(name: string): number {
  return Number(/_(\d+)$/.exec(name)?.[1] ?? 0);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
