/** @file Writes small Keras files with h5wasm and reads them with ours, in a worker, for the test beside it. */

import * as Comlink from 'comlink';
import { Group, File as Hdf5File, ready } from 'h5wasm';
import type { WeightSpec } from '../domain/architecture';
import { reply } from '../domain/failure';
import { readWhole } from './keras-file';
import { matchWeights } from './match-weights';
import { openKerasFile } from './open-keras-file';

export interface FixtureWeight {
  name: string;
  shape: number[];
  values: number[];
  /** h5py's notation; float32 by default. */
  dtype?: '<f4' | '<f8' | '<i4';
  compressed?: boolean;
}

export interface Fixture {
  layers: { name: string; weights: FixtureWeight[] }[];
  /** Under `model_weights`, as in a file of a whole model. */
  nested?: boolean;
  /** Lists of strings of variable length, as newer h5py writes `str`. */
  variableStrings?: boolean;
  /** Lists cut into `layer_names0`, `layer_names1` of this many names. */
  chunkLength?: number;
  /** Leave the datasets out and keep their names. */
  withoutData?: boolean;
  /** Groups besides. */
  extraGroups?: string[];
  withoutLayerNames?: boolean;
}

const api = {
  async build(fixture: Fixture): Promise<Uint8Array<ArrayBuffer>> {
    const { FS } = await ready;
    const path = `/fixture-${crypto.randomUUID()}.h5`;
    const file = new Hdf5File(path, 'w');
    try {
      write(file, fixture);
    } finally {
      file.close();
    }
    return FS.readFile(path).slice();
  },
  read: (bytes: Uint8Array<ArrayBuffer>) =>
    reply(async () => {
      const file = await openKerasFile(new File([bytes], 'dropped.h5'));
      try {
        const layers = file.layers.map(async ({ name, weights }) => {
          const read = weights.map(async (weight) => ({
            name: weight.name,
            shape: weight.shape,
            values: [...(await readWhole(weight))],
          }));
          return { name, weights: await Promise.all(read) };
        });
        return await Promise.all(layers);
      } finally {
        file.close();
      }
    }),
  /** All weights of `specs`, in their order. */
  match: (bytes: Uint8Array<ArrayBuffer>, fileName: string, specs: WeightSpec[]) =>
    reply(async () => {
      const matched = matchWeights(specs, await openKerasFile(new File([bytes], fileName)), 'Tiny');
      try {
        return await Promise.all(matched.weights.map(async ({ read }) => [...(await read())]));
      } finally {
        matched.close();
      }
    }),
};

export type KerasH5TestApi = typeof api;

Comlink.expose(api);

function write(file: Hdf5File, fixture: Fixture): void {
  const root = fixture.nested ? makeGroup(file, 'model_weights') : file;
  const layerNames = fixture.layers.map(({ name }) => name);
  if (!fixture.withoutLayerNames) writeList(root, 'layer_names', layerNames, fixture);
  for (const layer of fixture.layers) {
    const group = makeGroup(root, layer.name);
    const weightNames = layer.weights.map(({ name }) => name);
    writeList(group, 'weight_names', weightNames, fixture);
    for (const weight of fixture.withoutData ? [] : layer.weights) writeWeight(group, weight);
  }
  for (const name of fixture.extraGroups ?? []) makeGroup(file, name);
}

function writeWeight(group: Group, { name, shape, values, dtype = '<f4', compressed }: FixtureWeight): void {
  const parts = name.split('/');
  const leaf = parts.pop() ?? '';
  const parent = parts.length > 0 ? makeGroup(group, parts.join('/')) : group;
  const data = { '<f4': Float32Array, '<f8': Float64Array, '<i4': Int32Array }[dtype].from(values);
  parent.create_dataset({ name: leaf, data, shape, dtype, ...(compressed && { chunks: shape, compression: 4 }) });
}

/** An empty list is written as h5py writes one: as no numbers at all. */
function writeList(group: Group, name: string, strings: string[], { chunkLength, variableStrings }: Fixture): void {
  if (strings.length === 0) {
    group.create_attribute(name, new Float64Array(0), [0], '<f8');
    return;
  }
  const length = chunkLength ?? strings.length;
  for (let at = 0, chunk = 0; at < strings.length; at += length, chunk += 1) {
    const part = strings.slice(at, at + length);
    const dtype = variableStrings ? 'S' : `S${Math.max(...part.map((string) => string.length))}`;
    group.create_attribute(chunkLength ? `${name}${chunk}` : name, part, [part.length], dtype);
  }
}

/** The group at a path, made with its parents where it is not there. */
function makeGroup(start: Group, path: string): Group {
  let group = start;
  for (const part of path.split('/')) {
    const child = group.keys().includes(part) ? group.get(part) : group.create_group(part);
    if (!(child instanceof Group)) throw new Error(`${path} is no group`);
    group = child;
  }
  return group;
}
