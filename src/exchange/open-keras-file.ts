/** @file Opens a Keras file of any layout, recognised by its content and not by its name. */

import { StudioError } from '../domain/failure';
import { Hdf5Reader } from './hdf5-reader';
import type { KerasWeightsFile } from './keras-file';
import { findLayerList, readKeras2Layers } from './keras-h5';
import { isKeras3Layout, readKeras3Layers } from './keras3-layout';
import { isZip, openZipEntry, readZipDirectory, type ZipEntry } from './zip-directory';

const ARCHIVE_WEIGHTS = 'model.weights.h5';
const ARCHIVE_CONFIG = 'config.json';
const MAX_CONFIG_BYTES = 16 * 2 ** 20;

/**
 * Opens a file and lists its layers; no weight is read yet, and the file is never held in memory. Workers only.
 * @throws {StudioError} `bad-weights` when it is no Keras file, cut short or damaged.
 */
export async function openKerasFile(file: File): Promise<KerasWeightsFile> {
  if (!(await isZip(file))) return openHdf5(file, null);
  const entries = await readZipDirectory(file);
  const weights = entries.find(({ name }) => name === ARCHIVE_WEIGHTS);
  if (!weights) {
    const sentence = `${file.name} is a zip file, but not a Keras model: there is no ${ARCHIVE_WEIGHTS} in it.`;
    throw new StudioError('bad-weights', sentence);
  }
  const config = entries.find(({ name }) => name === ARCHIVE_CONFIG);
  const bytes = await openZipEntry(file, weights);
  return openHdf5(new File([bytes], file.name), config ? await readConfig(file, config) : null);
}

async function openHdf5(file: File, archiveConfig: unknown): Promise<KerasWeightsFile> {
  const reader = await Hdf5Reader.open(file);
  try {
    const root = findLayerList(reader);
    if (root === null && !isKeras3Layout(reader)) {
      const sentence = `${file.name} is an HDF5 file, but not a Keras weights file: it has no list of layers. A model of a class of its own has to be saved as a functional or Sequential one.`;
      throw new StudioError('bad-weights', sentence);
    }
    const content =
      root === null
        ? { ...(await readKeras3Layers(reader)), config: archiveConfig }
        : {
            layers: await readKeras2Layers(reader, root),
            namedBy: 'layer' as const,
            layout: 'keras2' as const,
            config: readModelConfig(reader),
          };
    return { fileName: file.name, ...content, close: () => reader.close() };
  } catch (error) {
    reader.close();
    throw error;
  }
}

function readModelConfig(reader: Hdf5Reader): unknown {
  if (!reader.attributeNames('/').includes('model_config')) return null;
  return parse(reader.fileName, reader.readStrings('/', 'model_config')[0] ?? '');
}

async function readConfig(file: File, entry: ZipEntry): Promise<unknown> {
  if (entry.sizeBytes > MAX_CONFIG_BYTES) {
    throw new StudioError('bad-weights', `${file.name} cannot be used: its ${entry.name} is too long.`);
  }
  return parse(file.name, await (await openZipEntry(file, entry)).text());
}

function parse(fileName: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const sentence = `${fileName} is damaged: its model configuration cannot be read. Save it again with Keras.`;
    throw new StudioError('bad-weights', sentence, { cause });
  }
}
