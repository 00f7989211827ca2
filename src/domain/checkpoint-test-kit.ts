/** @file A checkpoint's state for tests; each states only the fields that matter to it. */

import { CHECKPOINT_SCHEMA_VERSION, type CheckpointState } from './checkpoint';
import { notebookRecipe } from './recipe';
import { testRecord } from './run-test-kit';

export function testCheckpointState(change: Partial<CheckpointState> = {}): CheckpointState {
  return {
    schemaVersion: CHECKPOINT_SCHEMA_VERSION,
    position: {
      epoch: 1,
      step: 0,
      randomStates: { shuffle: [1, -2, 3, 4], augment: [5, 6, -7, 8] },
      sums: { loss: 0, correct: 0, count: 0 },
    },
    optimizerStep: 1,
    callbacks: { bestByTrainingLoss: { loss: 0.5 } },
    recipe: notebookRecipe('baseline'),
    datasetFingerprint: 'd',
    trainingListHash: '1-00000000',
    tileChoice: null,
    elapsedMs: 1,
    epochElapsedMs: 0,
    record: testRecord(),
    ...change,
  };
}
