/** @file The OPFS stores behind Comlink for tests: sync access handles exist only in a worker like this one. */

import * as Comlink from 'comlink';
import type { CheckpointState } from '../domain/checkpoint';
import { reply } from '../domain/failure';
import type { WeightsKind } from '../domain/run';
import { openCheckpointStore } from './checkpoint-store';
import { openPretrainedStore } from './pretrained-store';
import type { OpenTensors, TensorStream } from './tensor-file';

/** Tensors by name, each of one axis, so that a test can write them down. */
export type PlainTensors = Record<string, number[]>;

export interface PlainCheckpoint {
  epoch: number;
  isBest: boolean;
  state: CheckpointState | null;
  weights: PlainTensors;
  slots: PlainTensors | null;
  /** Where the weights' bytes are cut into pieces; 7 splits floats and crosses tensors. */
  pieceBytes?: number;
  /** After all pieces of the weights: fail, or never go on. */
  ending?: 'throw' | 'hang';
}

const root = async (name: string) =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });

const api = {
  save: (rootName: string, runId: string, checkpoint: PlainCheckpoint) =>
    reply(async () => {
      const { epoch, isBest, state, pieceBytes = 1 << 20, ending } = checkpoint;
      const weights = streamOf(checkpoint.weights, pieceBytes, ending);
      const slots = checkpoint.slots && streamOf(checkpoint.slots, 1 << 20);
      await openCheckpointStore(await root(rootName)).save(runId, { epoch, isBest, state, weights, slots });
    }),
  open: (rootName: string, runId: string, kind: WeightsKind) =>
    reply(async () => {
      const { epoch, state, weights } = await openCheckpointStore(await root(rootName)).open(runId, kind);
      return { epoch, state, weights: await readAll(weights) };
    }),
  openSlots: (rootName: string, runId: string) =>
    reply(async () => readAll(await openCheckpointStore(await root(rootName)).openSlots(runId))),
  dropSlots: (rootName: string, runId: string) =>
    reply(async () => openCheckpointStore(await root(rootName)).dropSlots(runId)),
  /** Reads one tensor in ranges of `lengthBytes`. */
  readInRanges: (rootName: string, runId: string, tensor: string, lengthBytes: number) =>
    reply(async () => {
      const { weights } = await openCheckpointStore(await root(rootName)).open(runId, 'last');
      const total = weights.tensors.find(({ name }) => name === tensor)?.lengthBytes ?? 0;
      const lengths: number[] = [];
      for (let at = 0; at < total; at += lengthBytes) {
        lengths.push((await weights.read(tensor, at, Math.min(lengthBytes, total - at))).byteLength);
      }
      return lengths;
    }),
  delete: (rootName: string, runId: string) =>
    reply(async () => openCheckpointStore(await root(rootName)).delete(runId)),
  /** Saves one tensor of `sizeBytes`, a whole number of MiB, streamed. */
  saveBig: (rootName: string, runId: string, sizeBytes: number) =>
    reply(async () => {
      const piece = new Uint8Array(2 ** 20).fill(1);
      const weights: TensorStream = {
        tensors: [{ name: 'big', shape: [sizeBytes / 4] }],
        pieces: async function* () {
          for (let at = 0; at < sizeBytes; at += piece.byteLength) yield piece;
        },
      };
      const checkpoint = { epoch: 9, isBest: true, state: null, weights, slots: streamOf({}, 1) };
      await openCheckpointStore(await root(rootName)).save(runId, checkpoint);
    }),
  keepPretrained: (rootName: string, fileName: string, file: File) =>
    reply(async () => openPretrainedStore(await root(rootName)).save(fileName, file, false)),
  openPretrained: async (rootName: string, fileName: string) => {
    const store = openPretrainedStore(await root(rootName));
    return { kept: await store.describe(fileName), text: (await (await store.open(fileName))?.text()) ?? null };
  },
};

export type OpfsTestApi = typeof api;

Comlink.expose(api);

function streamOf(tensors: PlainTensors, pieceBytes: number, ending?: 'throw' | 'hang'): TensorStream {
  const bytes = new Uint8Array(new Float32Array(Object.values(tensors).flat()).buffer);
  return {
    tensors: Object.entries(tensors).map(([name, values]) => ({ name, shape: [values.length] })),
    pieces: async function* () {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
      if (ending === 'throw') throw new Error('the device was lost');
      if (ending === 'hang') await new Promise(() => undefined);
    },
  };
}

async function readAll(open: OpenTensors): Promise<PlainTensors> {
  const plain: PlainTensors = {};
  for (const { name } of open.tensors) plain[name] = [...new Float32Array((await open.read(name)).buffer)];
  return plain;
}
