/**
 * @file A Keras weights file as Thorax sees it, whatever its layout: layers, each with its named weights.
 *
 * Five ways Keras writes weights are read: `.h5` of `save_weights` and of `model.save` (Keras 1 to 3, the layout of
 * keras-h5.ts), `.weights.h5` (keras3-layout.ts) and `.keras` (open-keras-file.ts).
 */

import { sizeOf } from '../domain/architecture';

export interface KerasWeight {
  /** As in the file, for example `block1_conv1_1/kernel:0` or `block1_conv1_W_1:0`. */
  name: string;
  shape: number[];
  /**
   * The numbers, row-major, as float32 whatever the file holds, in pieces of at most 32 MiB where its rows allow.
   * @throws {StudioError} `bad-weights` when the file is damaged there.
   */
  pieces(): AsyncIterable<Float32Array<ArrayBuffer>>;
}

export interface KerasLayer {
  name: string;
  /**
   * Where it is in the file. Keras 2's layout: the group, and in that of a model the owner of the weights. Keras 3's:
   * class and number of the models around it and its own, `['functional', 'conv2d_3']`.
   */
  path: readonly string[];
  /** Empty for layers without weights. */
  weights: KerasWeight[];
}

export interface KerasWeightsFile {
  fileName: string;
  /** Models inside models are flattened: no model is listed as a layer. */
  layers: KerasLayer[];
  /**
   * `layer`: by the names the layers had. `class`: Keras before 3.6 left those out of `.weights.h5` and counted each
   * class of layer instead (`conv2d`, `conv2d_1`, ...), in the order of the model.
   */
  namedBy: 'layer' | 'class';
  layout: 'keras2' | 'keras3';
  /** The model's configuration as JSON, where the file holds the whole model; null in a file of weights alone. */
  config: unknown;
  /** Frees the file; no weight can be read afterwards. */
  close(): void;
}

/** All numbers of a weight. @throws {StudioError} `bad-weights` when the file is damaged there. */
export async function readWhole({ shape, pieces }: Pick<KerasWeight, 'shape' | 'pieces'>) {
  const size = sizeOf(shape);
  let whole: Float32Array<ArrayBuffer> | null = null;
  let at = 0;
  for await (const piece of pieces()) {
    if (piece.length === size) return piece;
    whole ??= new Float32Array(size);
    whole.set(piece, at);
    at += piece.length;
  }
  return whole ?? new Float32Array(size);
}
