/** @file What IndexedDB holds: run records of every version, rows of predictions, queue items, the states of checkpoints. */

import * as v from 'valibot';
import { CheckpointStateSchema, readCheckpointState } from '../../domain/checkpoint';
import { testCheckpointState } from '../../domain/checkpoint-test-kit';
import type { DatasetSummary } from '../../domain/dataset';
import { StudioError } from '../../domain/failure';
import { parseQueueItem, QueueItemSchema } from '../../domain/queue';
import { testQueueItem } from '../../domain/queue-test-kit';
import { checkRecipe, notebookRecipe } from '../../domain/recipe';
import { PredictionSchema, RunRecordSchema } from '../../domain/run';
import { DIVERGED_EPOCH, testRecord } from '../../domain/run-test-kit';
import { parsePredictionRow, readStoredRuns } from '../../domain/stored-run';
import { hostileJson } from '../hostile-json';
import { judge } from '../judge';
import type { FuzzKind } from '../kind';

const EVALUATION = { accuracy: 0.9, loss: 0.4, count: 3 };
const PREDICTIONS = [
  { path: 'test/A/1.png', classIndex: 0, probabilities: [0.7, 0.3] },
  { path: 'test/B/2.png', classIndex: 1, probabilities: [0.2, 0.8] },
];
const RECORD = testRecord({
  epochs: [DIVERGED_EPOCH, { ...DIVERGED_EPOCH, epoch: 2, validationLoss: 0.1, gflops: 12 }],
  bestEpoch: 2,
  inputScaling: { scale: [1 / 255], offset: [0] },
  peakGpuBytes: 1e9,
  test: { last: EVALUATION, best: EVALUATION },
});
/** Version 1 kept the predictions inside. */
const FIRST_RECORD = {
  ...RECORD,
  schemaVersion: 1,
  test: { last: { accuracy: 1, loss: 0, predictions: PREDICTIONS }, best: null },
};
const SGD = { ...notebookRecipe('densenet121'), inputSize: 224 };

/** They are listed with the reason that is found. */
export const runRecords: FuzzKind = storedKind(
  'run-records',
  [RECORD, FIRST_RECORD, testRecord({ recipe: SGD })],
  (value) => {
    const { records, unreadable } = readStoredRuns(['run 7'], [value]);
    if (records.length + unreadable.length !== 1) throw new Error('Lost, or listed twice');
    for (const { id, reason } of unreadable) throw new StudioError('storage', `${id}: ${reason}`);
    v.assert(RunRecordSchema, records[0]);
  },
);

/** Run and name are the store's; it says them in the sentence. */
export const predictions: FuzzKind = storedKind(
  'predictions',
  [{ runId: 'r', split: 'test', weights: 'last', predictions: PREDICTIONS }],
  (value) =>
    v.assert(
      v.array(PredictionSchema),
      refusingOnly(() => parsePredictionRow(value)),
    ),
);

/** Those that cannot be read are counted. One that can is judged before it is trained. */
export const queueItems: FuzzKind = storedKind(
  'queue-items',
  [testQueueItem('q', { group: { id: 'g', name: 'seeds', seed: 1, fold: null } }), testQueueItem('r', { recipe: SGD })],
  (value) => {
    const item = refusingOnly(() => parseQueueItem(value));
    v.assert(QueueItemSchema, item);
    for (const { sentence } of checkRecipe(item.recipe, DATASET)) {
      if (!sentence.endsWith('.')) throw new Error(`No sentence: ${sentence}`);
    }
  },
);

/** One that cannot be read leaves the weights beside it usable. */
export const checkpointStates: FuzzKind = storedKind(
  'checkpoint-states',
  [testCheckpointState(), testCheckpointState({ record: RECORD, recipe: SGD })],
  (value) => {
    const state = readCheckpointState(value);
    if (state === null) throw new StudioError('storage', 'run 7 has no state that can be read.');
    v.assert(v.omit(CheckpointStateSchema, ['record']), state);
    v.assert(RunRecordSchema, state.record);
  },
);

const DATASET: DatasetSummary = {
  id: 'd',
  name: 'd',
  synthetic: false,
  layout: 'class-folders',
  classNames: ['A', 'B'],
  classCounts: [
    { train: 4, validation: 1, test: 1 },
    { train: 4, validation: 1, test: 1 },
  ],
  problems: [],
};

function storedKind(name: string, sources: readonly unknown[], read: (value: unknown) => void): FuzzKind {
  return {
    name,
    quickCount: 60,
    files: async () => hostileJson(sources),
    read: (value) => judge(async () => read(value), ['run 7']),
    partsOf: (value) => ({ [`${name}.json`]: new TextEncoder().encode(shown(value)) }),
  };
}

/** The error of a schema is the refusal here: the store makes a sentence of it. */
function refusingOnly<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!v.isValiError(error)) throw error;
    throw new StudioError('storage', 'run 7 cannot be read.');
  }
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value, null, 1) ?? 'undefined';
  } catch {
    return 'nested too deep to be written';
  }
}
