/**
 * @file A trained model as both exports need it: Keras' configuration of it, and its weights as a stream.
 *
 * The configuration is that of Keras 2 (`Functional`), which Keras 2, Keras 3 and TensorFlow.js all read.
 */

import { sizeOf, type WeightSpec, weightKey } from '../domain/architecture';

/** One entry of a functional model's configuration. */
export interface KerasLayerConfig {
  class_name: string;
  name: string;
  config: Record<string, unknown>;
  inbound_nodes: [name: string, node: number, tensor: number, kwargs: Record<string, never>][][];
}

export interface KerasModel {
  /** In Keras' order. */
  layers: { config: KerasLayerConfig; weights: readonly WeightSpec[] }[];
  /** The whole configuration: `{ class_name: 'Functional', config: ... }`. */
  config: { class_name: 'Functional'; config: Record<string, unknown> };
}

/** Where a trained model's numbers are: float32, little endian, row-major, by `weightKey`. */
export interface WeightSource {
  read(key: string, startBytes: number, lengthBytes: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file that is about to be written: its length is known before its first piece is made. */
export interface ExportedFile {
  sizeBytes: number;
  pieces(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** The version whose formats are written. */
export const KERAS_VERSION = '2.15.0';

const PIECE_BYTES = 16 * 2 ** 20;
const FLOAT_BYTES = 4;

/** All weights of a model, in its order. */
export function weightsOf(model: KerasModel): WeightSpec[] {
  return model.layers.flatMap(({ weights }) => weights);
}

/** The numbers of these weights end to end, in pieces of at most 16 MiB. */
export async function* readWeights(specs: readonly WeightSpec[], source: WeightSource) {
  for (const spec of specs) {
    const lengthBytes = byteLengthOf(spec);
    for (let at = 0; at < lengthBytes; at += PIECE_BYTES) {
      yield await source.read(weightKey(spec), at, Math.min(PIECE_BYTES, lengthBytes - at));
    }
  }
}

/** Bytes of a weight as float32. */
export function byteLengthOf({ shape }: Pick<WeightSpec, 'shape'>): number {
  return sizeOf(shape) * FLOAT_BYTES;
}
