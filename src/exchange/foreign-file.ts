/** @file A file that another program made, as whoever imports it sees it; how it is read is not said here. */

import type { StudioError } from '../domain/failure';
import type { ModelReading } from '../domain/model-reading';
import type { NetworkId } from '../domain/network';

/** `model`: all weights of the whole model, at this input size. `base`: those of a network's base. */
export type WeightsChoice = { kind: 'model'; inputSize: number } | { kind: 'base'; network: NetworkId };

/** A file as the worker that uses it sees it. Every method throws a {@link StudioError} when the file worker has ended. */
export interface ForeignFile {
  /** @throws {StudioError} `bad-weights` when it is none of the networks, or differs from it. */
  readModel(): Promise<ModelReading>;
  /** @throws {StudioError} `bad-weights` when it is no base of any network. */
  identifyBase(): Promise<NetworkId>;
  /**
   * The numbers of these weights in their order, read as they are asked for; no piece spans two weights.
   * @throws {StudioError} `bad-weights` naming every layer that does not fit, or when the file is damaged.
   */
  readWeights(choice: WeightsChoice): AsyncGenerator<Float32Array<ArrayBuffer>>;
}

/**
 * Opens a file, does some work with it and frees all that reading it took, whatever happens.
 * @throws {StudioError} `bad-weights` when it is no Keras file, cut short, or damaged so that reading it does not end.
 */
export type ReadForeignFile = <T>(file: File, work: (opened: ForeignFile) => Promise<T>) => Promise<T>;
