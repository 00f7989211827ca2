/** @file What the tests of a run share: a tiny dataset, its pixels, recipes, and checkpoints in memory. For tests only. */

import * as tf from '@tensorflow/tfjs';
import { readCheckpointState } from '../domain/checkpoint';
import type { DatasetImage, DatasetSummary } from '../domain/dataset';
import { StudioError } from '../domain/failure';
import type { PixelRequest, PixelSource, RunEvent, RunRequest } from '../domain/protocol';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import type { RunRecord } from '../domain/run';
import { initializeWeights } from '../networks/initialize';
import type { Checkpoint, CheckpointStore, OpenCheckpoint, ResumableCheckpoint } from '../storage/checkpoint-store';
import type { OpenTensors, TensorStream } from '../storage/tensor-file';
import { RunControl } from './run-control';
import type { RunDevice } from './run-device';
import type { RunDependencies } from './run-parts';

export const SIZE = 6;

export const dataset: DatasetSummary = {
  id: 'dots',
  name: 'dots',
  synthetic: false,
  layout: 'split-folders',
  classNames: ['BRIGHT', 'DARK'],
  classCounts: [
    { train: 3, validation: 1, test: 1 },
    { train: 3, validation: 1, test: 1 },
  ],
  problems: [],
};

export const images = (['train', 'train', 'train', 'validation', 'test'] as const).flatMap((split, copy) =>
  [0, 1].map(
    (classIndex): DatasetImage => ({ path: `${split}/${classIndex}/${copy}.png`, split, classIndex, sizeBytes: 1 }),
  ),
);

/** Class 0 is bright, class 1 is dark. */
export const pixels: PixelSource = {
  listImages: async (_datasetId, query) => ({
    ok: true,
    value: images.filter(({ split }) => query?.split === undefined || split === query.split),
  }),
  holdDataset: async () => ({ ok: true, value: null }),
  releaseDataset: async () => ({ ok: true, value: null }),
  readPixels: async ({ paths, size }: PixelRequest) => ({
    ok: true,
    value: {
      data: Uint8Array.from(paths.flatMap((path) => Array(size * size * 3).fill(path.includes('/0/') ? 220 : 30))),
      count: paths.length,
      size,
    },
  }),
  decodeFile: async (_file, size) => ({
    ok: true,
    value: { data: new Uint8Array(size * size * 3).map((_, i) => (i * 31) % 255), count: 1, size },
  }),
};

export function recipe(changes: Partial<Recipe> = {}): Recipe {
  const optimizer = { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  return { ...notebookRecipe('baseline'), epochs: 3, batchSize: 2, inputSize: SIZE, optimizer, ...changes };
}

export const request = (changes: Partial<Recipe> = {}): RunRequest => ({
  runId: 'run-1',
  recipe: recipe(changes),
  dataset,
});

export class MemoryCheckpoints implements CheckpointStore {
  readonly saved = new Map<string, { checkpoint: Checkpoint; values: TensorBytes; slots: TensorBytes | null }>();
  /** Refuses the saves for which it gives an error. */
  refuse: (checkpoint: Checkpoint) => StudioError | null = () => null;

  async save(runId: string, checkpoint: Checkpoint): Promise<void> {
    const refusal = this.refuse(checkpoint);
    if (refusal) throw refusal;
    const slots = checkpoint.slots && (await collect(checkpoint.slots));
    const stored = { checkpoint, values: await collect(checkpoint.weights), slots };
    this.saved.set(`${runId}/last`, stored);
    if (checkpoint.bestEpoch === checkpoint.epoch && checkpoint.step === 0) this.saved.set(`${runId}/best`, stored);
  }

  async open(runId: string, kind: 'last' | 'best'): Promise<OpenCheckpoint> {
    const stored = this.saved.get(`${runId}/${kind}`);
    if (!stored) throw new StudioError('not-found', 'No such checkpoint.');
    // As it is read from a file.
    const state = kind === 'last' ? readCheckpointState(JSON.parse(JSON.stringify(stored.checkpoint.state))) : null;
    const { epoch, step } = stored.checkpoint;
    return { epoch, step, state, weights: opened(stored.values), skipped: [] };
  }

  async openToContinue(runId: string): Promise<ResumableCheckpoint> {
    const slots = this.saved.get(`${runId}/last`)?.slots;
    return { ...(await this.open(runId, 'last')), slots: slots ? opened(slots) : null };
  }

  async keepWeightsOnly(runId: string): Promise<void> {
    const stored = this.saved.get(`${runId}/last`);
    if (stored) stored.slots = null;
  }

  async delete(runId: string): Promise<void> {
    for (const kind of ['last', 'best']) this.saved.delete(`${runId}/${kind}`);
  }
}

type TensorBytes = Map<string, Uint8Array<ArrayBuffer>>;

function opened(values: TensorBytes): OpenTensors {
  return {
    tensors: [],
    read: async (name, start = 0, length) => {
      const bytes = values.get(name);
      if (!bytes) throw new StudioError('not-found', `No tensor ${name}.`);
      return bytes.slice(start, length === undefined ? undefined : start + length);
    },
  };
}

async function collect(stream: TensorStream): Promise<TensorBytes> {
  const chunks: Uint8Array[] = [];
  for await (const piece of stream.pieces()) chunks.push(piece.slice());
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  const values = new Map<string, Uint8Array<ArrayBuffer>>();
  offset = 0;
  for (const { name, shape } of stream.tensors) {
    const length = 4 * shape.reduce((product, side) => product * side, 1);
    values.set(name, all.slice(offset, offset + length));
    offset += length;
  }
  return values;
}

/** A device that has whatever is asked for: TensorFlow.js' backend as the test has set it. */
export const testDevice: RunDevice = {
  status: {
    backend: 'processor',
    adapter: 'Test',
    threads: 1,
    software: false,
    limit: null,
    advice: null,
    choices: [],
  },
  compilesPrograms: true,
  check: () => undefined,
  settle: async () => undefined,
  measureMemory: () => ({ tensorCount: tf.memory().numTensors, usedBytes: tf.memory().numBytes, allocated: null }),
  capacity: () => ({
    kind: 'processor',
    bufferBytes: Number.POSITIVE_INFINITY,
    limitBytes: null,
    knownBytes: null,
  }),
  refusal: () => null,
  tileChoice: () => null,
};

/** A run on the processor with everything in memory. */
export function session(change: Partial<RunDependencies> = {}) {
  const records: RunRecord[] = [];
  const events: RunEvent[] = [];
  const checkpoints = new MemoryCheckpoints();
  const control = new RunControl();
  const dependencies: RunDependencies = {
    pixels,
    checkpoints,
    runs: {
      put: async (record) => void records.push(structuredClone(record)),
      update: async (record) => {
        records.push(structuredClone(record));
        return true;
      },
    },
    findRun: async (id) => records.findLast((record) => record.id === id) ?? null,
    device: { ...testDevice },
    fillWeights: async (network, { recipe: { seed } }) => {
      initializeWeights(network, seed);
      return 'random';
    },
    ...change,
  };
  const onEvent = (event: RunEvent) => void events.push(event);
  return { records, events, checkpoints, control, dependencies, onEvent };
}
