/** @file Keras weights files for tests: of a true network's layers and shapes, with made-up numbers. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import h5wasm from 'h5wasm/node';

const HERE = dirname(fileURLToPath(import.meta.url));

interface KerasLayer {
  name: string;
  weights: [name: string, shape: number[], trainable: boolean][];
}

/** A file of the layout and size of Keras' VGG16 without its top, 59 MB; kernels within He's limit. */
export async function writeVgg16Base(path: string): Promise<void> {
  const fixture = join(HERE, '..', 'reference', 'fixtures', 'architecture-vgg16-32.jsonl');
  const [, , ...layers] = readFileSync(fixture, 'utf8').trim().split('\n');
  const base = layers.map((line): KerasLayer => JSON.parse(line)).filter(({ name }) => /^(input|block)/.test(name));
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'w');
  file.create_attribute(
    'layer_names',
    base.map(({ name }) => name),
  );
  for (const { name, weights } of base) {
    const group = file.create_group(name);
    if (weights.length === 0) continue;
    group.create_attribute(
      'weight_names',
      weights.map(([weight]) => `${name}/${weight}:0`),
    );
    const inner = group.create_group(name);
    for (const [weight, shape] of weights) {
      inner.create_dataset({ name: `${weight}:0`, data: numbersFor(shape), shape });
    }
  }
  file.close();
}

/** A whole model of the notebook's VGG16 as Keras 3 saved it, 64 pixels, three classes; all its numbers are zero. */
export function hollowVgg16Model(): Buffer {
  return hollowFile('vgg16-keras3-model.h5');
}

/** The weights alone of DenseNet121 as Keras 3 saved them, three classes; all its numbers are zero. */
export function hollowDenseNet121Weights(): Buffer {
  return hollowFile('densenet121-keras3.weights.h5');
}

/**
 * Weights that the HDF5 library never stops reading: the first name in the file's heap of names claims to be longer than it
 * is. The heap begins with GCOL and 12 bytes more; the length of an object stands 8 bytes into it.
 */
export function endlessWeights(): Buffer {
  const bytes = readFileSync(join(HERE, '..', '..', 'src', 'exchange', 'fixtures', 'keras3.weights.h5'));
  bytes.writeUInt16LE(1000, bytes.indexOf('GCOL') + 24);
  return bytes;
}

function hollowFile(name: string): Buffer {
  return gunzipSync(readFileSync(join(HERE, '..', '..', 'src', 'worker', 'fixtures', `${name}.gzip`)));
}

/** Uniform, the same at every call. */
function numbersFor(shape: number[]): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  if (shape.length === 1) return new Float32Array(size);
  const reach = Math.sqrt((6 * shape[shape.length - 1]) / size);
  let state = size;
  return Float32Array.from({ length: size }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647 - 0.5) * 2 * reach;
  });
}
