/**
 * @file A model as TensorFlow.js' layers format: `model.json` and weight shards, in one zip file.
 *
 * Unpacked beside each other they are what `tf.loadLayersModel('.../model.json')` reads. Format: `tensorflowjs_converter`
 * with `--output_format tfjs_layers_model`, tfjs-core/src/io/types.ts.
 */

import { StudioError } from '../domain/failure';
import {
  byteLengthOf,
  type ExportedFile,
  KERAS_VERSION,
  type KerasModel,
  readWeights,
  type WeightSource,
  weightsOf,
} from './keras-model';
import { type ZipMember, zipMembers, zipSize } from './zip-writer';

const SHARD_BYTES = 32 * 2 ** 20;

/**
 * A model as a zip file of TensorFlow.js' layers format; its weights are read from `source` as the file is written.
 * @throws {StudioError} `bad-input` when the input is scaled channel by channel: TensorFlow.js' layer cannot.
 */
export function exportTfjs(model: KerasModel, source: WeightSource): ExportedFile {
  checkScaling(model);
  const weights = weightsOf(model);
  const totalBytes = weights.reduce((sum, spec) => sum + byteLengthOf(spec), 0);
  const shardCount = Math.ceil(totalBytes / SHARD_BYTES);
  const paths = Array.from({ length: shardCount }, (_, i) => `group1-shard${i + 1}of${shardCount}.bin`);
  const json = new TextEncoder().encode(describeModel(model, paths));
  const sizes = paths.map((_, i) => Math.min(SHARD_BYTES, totalBytes - i * SHARD_BYTES));
  const sizeBytes = zipSize([
    { name: 'model.json', sizeBytes: json.byteLength },
    ...paths.map((name, i) => ({ name, sizeBytes: sizes[i] })),
  ]);
  return {
    sizeBytes,
    async *pieces() {
      const shards = cutEvenly(readWeights(weights, source), sizes);
      const members: ZipMember[] = paths.map((name, i) => ({
        name,
        sizeBytes: sizes[i],
        read: async () => (await shards.next()).value ?? new Uint8Array(),
      }));
      yield* zipMembers([{ name: 'model.json', sizeBytes: json.byteLength, read: async () => json }, ...members]);
    },
  };
}

function checkScaling({ layers }: KerasModel): void {
  const scaling = layers.find(({ config }) => config.class_name === 'Rescaling')?.config.config;
  if (!scaling || !(Array.isArray(scaling.scale) || Array.isArray(scaling.offset))) return;
  const sentence =
    'This model scales red, green and blue each in its own way, and TensorFlow.js has no layer for that. Export it as a Keras file.';
  throw new StudioError('bad-input', sentence);
}

function describeModel(model: KerasModel, paths: string[]): string {
  const weights = weightsOf(model).map(({ layer, name, shape }) => ({
    name: `${layer}/${name}`,
    shape,
    dtype: 'float32',
  }));
  return JSON.stringify({
    format: 'layers-model',
    generatedBy: `keras v${KERAS_VERSION}`,
    convertedBy: 'Thorax',
    modelTopology: { keras_version: KERAS_VERSION, backend: 'tensorflow', model_config: model.config },
    weightsManifest: [{ paths, weights }],
  });
}

/** The same bytes in blocks of these sizes. */
async function* cutEvenly(pieces: AsyncIterable<Uint8Array>, sizes: readonly number[]) {
  const remaining = sizes.values();
  const nextBlock = () => new Uint8Array(remaining.next().value ?? 0);
  let block = nextBlock();
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; ) {
      const part = piece.subarray(at, at + block.byteLength - filled);
      block.set(part, filled);
      at += part.byteLength;
      filled += part.byteLength;
      if (filled < block.byteLength) continue;
      yield block;
      block = nextBlock();
      filled = 0;
    }
  }
}
