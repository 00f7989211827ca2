/** @file The record of a run before its first epoch. */

import { countParameters, type Graph } from '../architectures/graph';
import { countImages } from '../domain/dataset';
import type { RunRequest } from '../domain/protocol';
import { RUN_SCHEMA_VERSION, type RunRecord } from '../domain/run';

/** @param gpu the device's name, as `deviceName` writes it. */
export function newRunRecord(
  { runId, recipe, dataset }: RunRequest,
  graph: Graph,
  gpu: string,
  weightsOrigin: RunRecord['weightsOrigin'],
): RunRecord {
  const { total, trainable } = countParameters(graph);
  const { id, name, synthetic, classNames } = dataset;
  const counts = {
    train: countImages(dataset, 'train'),
    validation: countImages(dataset, 'validation'),
    test: countImages(dataset, 'test'),
  };
  return {
    schemaVersion: RUN_SCHEMA_VERSION,
    id: runId,
    createdAt: Date.now(),
    recipe,
    dataset: { id, name, synthetic, classNames, counts },
    weightsOrigin,
    gpu,
    parameterCount: total,
    trainableParameterCount: trainable,
    status: 'running',
    epochs: [],
    timeMs: 0,
    bestEpoch: null,
    lastKept: null,
    test: { last: null, best: null },
    failure: null,
  };
}
