/**
 * @file Keras' HDF5 weights files of the Keras 2 layout, as `save_weights('x.h5')` and `save('x.h5')` write them.
 *
 * A group per layer, listed in the attribute `layer_names` of the root (or of the group `model_weights` in a file of a
 * whole model); each layer's group lists its datasets in `weight_names`. Lists over 64 KiB are cut into `layer_names0`,
 * `layer_names1` and so on. Source: keras/src/legacy/saving/legacy_h5_format.py.
 */

import { StudioError } from '../domain/failure';
import { Hdf5Reader } from './hdf5-reader';

export interface KerasWeight {
  /** As in the file, for example `block1_conv1_1/kernel:0` or `block1_conv1_W_1:0`. */
  name: string;
  shape: number[];
  /** Row-major, as float32 whatever the file holds. @throws {StudioError} `bad-weights` when the file is damaged there. */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

export interface KerasLayer {
  name: string;
  /** Empty for layers without weights. */
  weights: KerasWeight[];
}

export interface KerasWeightsFile {
  fileName: string;
  /** In the file's order. */
  layers: KerasLayer[];
  /** Frees the file; no weight can be read afterwards. */
  close(): void;
}

/**
 * Opens a file and lists its layers; no weight is read yet, and the file is never held in memory. Workers only.
 * @throws {StudioError} `bad-weights` when it is no HDF5 file, cut short, damaged, or not of this layout.
 */
export async function openKerasH5(file: File): Promise<KerasWeightsFile> {
  const reader = await Hdf5Reader.open(file);
  try {
    const root = findRoot(reader);
    const layers = readList(reader, root, 'layer_names').map((name) => openLayer(reader, root, name));
    return { fileName: file.name, layers, close: () => reader.close() };
  } catch (error) {
    reader.close();
    throw error;
  }
}

function findRoot(reader: Hdf5Reader): string {
  if (hasList(reader, '/', 'layer_names')) return '/';
  const children = reader.childNames('/');
  if (children.includes('model_weights') && hasList(reader, '/model_weights', 'layer_names')) return '/model_weights/';
  const { fileName } = reader;
  const sentence =
    children.includes('layers') || children.includes('_layer_checkpoint_dependencies')
      ? `${fileName} is in the layout of Keras 3 (.weights.h5). A file of the Keras 2 layout is needed, as Keras publishes it.`
      : `${fileName} is an HDF5 file, but not a Keras weights file: it has no list of layers.`;
  throw new StudioError('bad-weights', sentence);
}

function openLayer(reader: Hdf5Reader, root: string, name: string): KerasLayer {
  const group = `${root}${name}`;
  const weights = readList(reader, group, 'weight_names').map((weightName) => {
    const path = `${group}/${weightName}`;
    return { name: weightName, shape: reader.readShape(path), read: async () => reader.readFloats(path) };
  });
  return { name, weights };
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
    strings.push(...reader.readStrings(path, `${list}${chunk}`));
  }
  return strings;
}
