/**
 * @file Weights between the device and a checkpoint, piece by piece.
 *
 * Large tensors are read back in slices, a few ahead of the writer, so that a 1 GiB kernel never exists twice.
 */

import * as tf from '@tensorflow/tfjs';
import { sizeOf, type WeightSpec, weightKey } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import type { Network } from '../networks/network';
import type { SplitTensor } from '../networks/split-tensor';
import type { OpenTensors, TensorStream } from '../storage/tensor-file';
import type { Optimizer } from './optimizer';

/** A piece is on the GPU twice, as a slice and as what is read back: 64 MiB in all, less than a step frees. */
const PIECE_ELEMENTS = 2 * 2 ** 20; // 8 MiB
const PIECES_AHEAD = 4;

/** A stream of float32 tensors in the given order, each whole; nothing is read before it is pulled. */
export function tensorStream(tensors: Iterable<[name: string, tensor: SplitTensor]>): TensorStream {
  const entries = [...tensors];
  return {
    tensors: entries.map(([name, { shape }]) => ({ name, shape })),
    async *pieces() {
      const ahead: Promise<Uint8Array>[] = [];
      for (const tensor of entries.flatMap(([, { parts }]) => parts)) {
        for (let start = 0; start < tensor.size; start += PIECE_ELEMENTS) {
          ahead.push(readPiece(tensor, start, Math.min(PIECE_ELEMENTS, tensor.size - start)));
          if (ahead.length >= PIECES_AHEAD) yield await (ahead.shift() as Promise<Uint8Array>);
        }
      }
      for (const piece of ahead) yield await piece;
    },
  };
}

/** A weight holds a value that is not a finite number. */
export class WeightNotNumbersError extends Error {
  constructor(readonly weight: string) {
    super(`Values of ${weight} are not finite numbers`);
  }
}

/**
 * The same stream, ended by the first piece with a value that is not a finite number.
 * @param stream pieces of whole float32 values.
 * @throws {WeightNotNumbersError} from `pieces`, naming the tensor.
 */
export function finiteStream(stream: TensorStream): TensorStream {
  return {
    tensors: stream.tensors,
    async *pieces() {
      let doneBytes = 0;
      for await (const piece of stream.pieces()) {
        const at = firstNotFinite(piece);
        if (at !== null) throw new WeightNotNumbersError(tensorAt(stream, doneBytes + 4 * at));
        doneBytes += piece.byteLength;
        yield piece;
      }
    },
  };
}

/** All eight bits of the exponent are set in infinities and NaN, and in nothing else. */
function firstNotFinite(piece: Uint8Array): number | null {
  const bits = new Int32Array(piece.buffer, piece.byteOffset, piece.byteLength / 4);
  for (let i = 0; i < bits.length; i += 1) if ((bits[i] & 0x7f800000) === 0x7f800000) return i;
  return null;
}

function tensorAt({ tensors }: TensorStream, byte: number): string {
  let endBytes = 0;
  for (const { name, shape } of tensors) {
    endBytes += 4 * sizeOf(shape);
    if (byte < endBytes) return name;
  }
  throw new RangeError(`Byte ${byte} lies beyond the tensors`);
}

/** All weights of a network by key. */
export function* weightTensors(network: Network): Iterable<[string, SplitTensor]> {
  for (const [spec, tensor] of network.entries()) yield [weightKey(spec), tensor];
}

/**
 * Fills a network from a checkpoint.
 * @throws {StudioError} storage when the checkpoint is damaged.
 */
export async function restoreWeights(network: Network, specs: WeightSpec[], stored: OpenTensors): Promise<void> {
  for (const spec of specs) {
    const key = weightKey(spec);
    const bytes = await stored.read(key);
    const size = sizeOf(spec.shape);
    if (bytes.byteLength !== 4 * size) {
      const sentence = `The stored weights are damaged: ${key} has ${bytes.byteLength} bytes where ${4 * size} are needed. Train the run again.`;
      throw new StudioError('storage', sentence);
    }
    network.loadWeight(spec, new Float32Array(bytes.buffer, bytes.byteOffset, size));
  }
}

/**
 * Fills an optimizer's slots from a checkpoint.
 * @throws {StudioError} storage when the file is damaged, not-found when it holds other slots than this optimizer's.
 */
export async function restoreSlots(optimizer: Optimizer, network: Network, stored: OpenTensors): Promise<void> {
  await optimizer.load(network, async (key, start, length) => {
    const bytes = await stored.read(key, 4 * start, 4 * length);
    return new Float32Array(bytes.buffer, bytes.byteOffset, length);
  });
}

async function readPiece(tensor: tf.Tensor, start: number, length: number): Promise<Uint8Array> {
  // Always a copy: TensorFlow.js keeps what it reads back on the tensor it was read from, as long as that tensor lives.
  const piece = tf.tidy(() => tf.slice(tensor.reshape([-1]), start, length));
  try {
    const values = await piece.data<'float32'>();
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  } finally {
    piece.dispose();
  }
}
