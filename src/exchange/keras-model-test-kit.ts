/** @file Whole models as opened files, made in memory: weights and configuration, which tests change. */

import { buildNetwork } from '../architectures/build-network';
import { sizeOf } from '../domain/architecture';
import type { NetworkId } from '../domain/network';
import { kerasModelOf } from './keras-config';
import type { KerasLayer, KerasWeightsFile } from './keras-file';

export interface LayerEntry {
  class_name: string;
  name?: string;
  config: Record<string, unknown> & { name?: string; layers?: LayerEntry[] };
  inbound_nodes?: unknown[];
}

export interface ModelEntry extends LayerEntry {
  config: Record<string, unknown> & { name: string; layers: LayerEntry[]; output_layers: unknown };
}

/** Every weight is filled with its place in the model: 0, 1, 2, ... */
export function layersOf(id: NetworkId, inputSize: number, classCount = 3): KerasLayer[] {
  let place = 0;
  return buildNetwork(id, inputSize, classCount).layers.map(({ name, weights }) => ({
    name,
    path: [name],
    weights: weights.map(({ name: weight, shape }) => {
      const value = place++;
      return weightOf(`${name}/${weight}:0`, shape, value);
    }),
  }));
}

export function weightOf(name: string, shape: number[], value: number) {
  return {
    name,
    shape,
    pieces: async function* () {
      yield new Float32Array(sizeOf(shape)).fill(value);
    },
  };
}

/** The configuration that our export writes, in the form of Keras 2. */
export function configOf(id: NetworkId, inputSize: number, classCount = 3): ModelEntry {
  return JSON.parse(JSON.stringify(kerasModelOf(buildNetwork(id, inputSize, classCount)).config));
}

export function fileOf(config: unknown, layers: KerasLayer[], layout: KerasWeightsFile['layout'] = 'keras2') {
  return {
    fileName: 'trained.h5',
    layers,
    namedBy: 'layer',
    layout,
    config,
    close: () => undefined,
  } satisfies KerasWeightsFile;
}

/** The layer of a configuration by name. */
export function entryOf({ config }: ModelEntry, name: string): LayerEntry {
  const found = config.layers.find((layer) => layer.config.name === name);
  if (!found) throw new Error(`No layer ${name}`);
  return found;
}

/** Puts a layer between another and all that read it. */
export function insertAfter(model: ModelEntry, name: string, entry: LayerEntry): void {
  const own = String(entry.config.name);
  const renamed = JSON.stringify(model.config.layers).replaceAll(`[["${name}",0,0,{}]`, `[["${own}",0,0,{}]`);
  model.config.layers = JSON.parse(renamed);
  const at = model.config.layers.findIndex((layer) => layer.config.name === name);
  model.config.layers.splice(at + 1, 0, { ...entry, name: own, inbound_nodes: [[[name, 0, 0, {}]]] });
}
