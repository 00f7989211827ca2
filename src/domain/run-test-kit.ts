/** @file A run's record for tests; each states only the fields that matter to it. */

import { notebookRecipe } from './recipe';
import { type EpochLog, RUN_SCHEMA_VERSION, type RunRecord } from './run';

/** An epoch whose validation was not a number. */
export const DIVERGED_EPOCH: EpochLog = {
  epoch: 1,
  loss: 0.7,
  accuracy: 0.5,
  validationLoss: Number.NaN,
  validationAccuracy: 0.5,
  timeMs: 10,
  tensorCount: 1,
  gpuBytes: 1,
};

export function testRecord(change: Partial<RunRecord> = {}): RunRecord {
  return {
    schemaVersion: RUN_SCHEMA_VERSION,
    id: 'r',
    createdAt: 0,
    recipe: notebookRecipe('baseline'),
    dataset: {
      id: 'd',
      name: 'd',
      synthetic: false,
      classNames: ['A', 'B'],
      counts: { train: 1, validation: 1, test: 1 },
    },
    weightsOrigin: 'random',
    gpu: '',
    parameterCount: 1,
    trainableParameterCount: 1,
    status: 'finished',
    epochs: [],
    timeMs: 1,
    bestEpoch: null,
    test: { last: null, best: null },
    failure: null,
    ...change,
  };
}
