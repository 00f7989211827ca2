/** @file The OPFS stores behind Comlink for tests: sync access handles exist only in a worker like this one. */

import * as Comlink from 'comlink';
import type { CheckpointState } from '../domain/checkpoint';
import { reply } from '../domain/failure';
import type { WeightsKind } from '../domain/run';
import { type Checkpoint, openCheckpointStore } from './checkpoint-store';
import { Life, mortalDirectory } from './mortal-directory-test-kit';
import { listNames } from './opfs-file';
import { openPretrainedStore } from './pretrained-store';
import { sweepLeftovers } from './sweep';
import type { OpenTensors, TensorStream } from './tensor-file';

/** Tensors by name, each of one axis, so that a test can write them down. */
export type PlainTensors = Record<string, number[]>;

export interface PlainCheckpoint {
  epoch: number;
  bestEpoch: number | null;
  state: CheckpointState | null;
  weights: PlainTensors;
  slots: PlainTensors | null;
  /** 0 where it is left out. */
  step?: number;
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
      await openCheckpointStore(await root(rootName)).save(runId, streamed(checkpoint));
    }),
  /** Saves as a worker does that is killed after so many operations on files. @returns whether the save was cut short */
  saveKilled: async (rootName: string, runId: string, checkpoint: PlainCheckpoint, operations: number) => {
    const life = new Life(operations);
    const store = openCheckpointStore(mortalDirectory(await root(rootName), life));
    const outcome = await reply(() => store.save(runId, streamed(checkpoint)));
    if (!outcome.ok && !life.isOver) throw new Error(outcome.failure.sentence);
    return life.isOver;
  },
  open: (rootName: string, runId: string, kind: WeightsKind) =>
    reply(async () => {
      const { weights, ...opened } = await openCheckpointStore(await root(rootName)).open(runId, kind);
      return { ...opened, weights: await readAll(weights) };
    }),
  openToContinue: (rootName: string, runId: string) =>
    reply(async () => {
      const opened = await openCheckpointStore(await root(rootName)).openToContinue(runId);
      const { weights, slots } = opened;
      return { ...opened, weights: await readAll(weights), slots: slots && (await readAll(slots)) };
    }),
  keepWeightsOnly: (rootName: string, runId: string) =>
    reply(async () => openCheckpointStore(await root(rootName)).keepWeightsOnly(runId)),
  /** Sweeps the runs in `rootName`, all of which are known. */
  sweep: async (rootName: string, over: string[]) => {
    const runs = await root(rootName);
    const [pretrained, exports] = await Promise.all(
      ['pretrained', 'exports'].map((name) => root(`${rootName}-${name}`)),
    );
    const ids = new Set(await listNames(runs));
    const swept = await sweepLeftovers({ runs, pretrained, exports }, async () => ({ ids, over: new Set(over) }));
    const top = await navigator.storage.getDirectory();
    for (const { name } of [pretrained, exports]) await top.removeEntry(name);
    return swept;
  },
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
  saveBig: (rootName: string, runId: string, sizeBytes: number, epoch: number) =>
    reply(async () => {
      const piece = new Uint8Array(2 ** 20).fill(1);
      const weights: TensorStream = {
        tensors: [{ name: 'big', shape: [sizeBytes / 4] }],
        pieces: async function* () {
          for (let at = 0; at < sizeBytes; at += piece.byteLength) yield piece;
        },
      };
      const checkpoint = { epoch, step: 0, bestEpoch: epoch, state: null, weights, slots: streamOf({}, 1) };
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

function streamed({ weights, slots, pieceBytes = 1 << 20, ending, ...checkpoint }: PlainCheckpoint): Checkpoint {
  return {
    step: 0,
    ...checkpoint,
    weights: streamOf(weights, pieceBytes, ending),
    slots: slots && streamOf(slots, 1 << 20),
  };
}

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
