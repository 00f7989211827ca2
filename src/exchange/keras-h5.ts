/**
 * @file The HDF5 layout of Keras 2, as `save_weights('x.h5')` and `save('x.h5')` write it (Keras 3 still does).
 *
 * A group per layer, listed in the attribute `layer_names` of the root (or of the group `model_weights` in a file of a
 * whole model); each layer's group lists its datasets in `weight_names`. Lists over 64 KiB are cut into `layer_names0`,
 * `layer_names1` and so on. A model used as a layer is one group with the weights of all its layers, which the
 * names of the weights distinguish. Source: keras/src/legacy/saving/legacy_h5_format.py.
 */

import { nextTask } from '../base/next-task';
import type { Hdf5Reader } from './hdf5-reader';
import type { KerasLayer, KerasWeight } from './keras-file';
import { parseWeightName } from './keras-weight-name';

/** The group that lists the layers, `/` or `/model_weights/`; null when the file is not of this layout. */
export function findLayerList(reader: Hdf5Reader): string | null {
  if (hasList(reader, '/', 'layer_names')) return '/';
  if (!reader.childNames('/').includes('model_weights')) return null;
  return hasList(reader, '/model_weights', 'layer_names') ? '/model_weights/' : null;
}

/**
 * The layers of a file, in the order in which it lists them; `root` is from {@link findLayerList}. Between two layers the worker's
 * other tasks have their turn, so that a file that is read slowly is not taken for one that is read for ever.
 * @throws {StudioError} `bad-weights` when a listed layer or weight is not there.
 */
export async function readKeras2Layers(reader: Hdf5Reader, root: string): Promise<KerasLayer[]> {
  const layers: KerasLayer[] = [];
  for (const name of readList(reader, root, 'layer_names')) {
    await nextTask();
    for (const layer of readGroup(reader, root, name)) layers.push(layer);
  }
  return layers;
}

/** The layers of one group: itself, or those of the model it is. */
function readGroup(reader: Hdf5Reader, root: string, name: string): KerasLayer[] {
  const group = `${root}${name}`;
  const weights = readList(reader, group, 'weight_names').map((weightName): KerasWeight => {
    const path = `${group}/${weightName}`;
    // Counters and states of random numbers are whole numbers, and are not needed.
    const isKnown = parseWeightName(weightName) !== null;
    const shape = isKnown ? reader.readShape(path) : reader.readAnyShape(path);
    return { name: weightName, shape, pieces: () => reader.readPieces(path) };
  });
  const owners = new Map<string, KerasWeight[]>();
  for (const weight of weights) {
    const owner = weight.name.split('/').slice(0, -1).join('/');
    owners.set(owner, [...(owners.get(owner) ?? []), weight]);
  }
  if (owners.size < 2 || owners.has('')) return [{ name, path: [name], weights }];
  return [...owners].map(([owner, owned]) => ({ name: owner, path: [name, owner], weights: owned }));
}

function hasList(reader: Hdf5Reader, path: string, list: string): boolean {
  const attributes = reader.attributeNames(path);
  return attributes.includes(list) || attributes.includes(`${list}0`);
}

function readList(reader: Hdf5Reader, path: string, list: string): string[] {
  const attributes = new Set(reader.attributeNames(path));
  if (attributes.has(list)) return reader.readStrings(path, list);
  const strings: string[] = [];
  for (let chunk = 0; attributes.has(`${list}${chunk}`); chunk += 1) {
    for (const text of reader.readStrings(path, `${list}${chunk}`)) strings.push(text);
  }
  return strings;
}
