/** @file How a run begins: new, further than an ancestor, or where its last checkpoint left it. */

import type { CallbackStates, TrainingPosition } from '../domain/checkpoint';
import { deviceName } from '../domain/device';
import { StudioError } from '../domain/failure';
import type { RunEvent, RunRequest } from '../domain/protocol';
import type { RunRecord } from '../domain/run';
import { beginFurther } from './begin-further';
import { newRunRecord } from './new-run-record';
import { continuedOn, readCheckpoint, restoring } from './restored-state';
import { assembleParts, type RunDependencies, type RunParts, releaseParts } from './run-parts';
import type { Elapsed } from './run-telemetry';

/** What a session begins with. It owns the parts, whose network has its weights. */
export interface RunBeginning {
  parts: RunParts;
  record: RunRecord;
  /** Where training begins; undefined before the first step. */
  position: TrainingPosition | undefined;
  elapsed: Elapsed;
  /** What the callbacks kept, by their names. */
  callbackStates: CallbackStates;
}

/**
 * A new run with its initial weights; nothing is stored yet.
 * @throws {StudioError} when the run cannot be started at all.
 */
export async function beginNew(
  request: RunRequest,
  dependencies: RunDependencies,
  onEvent: (event: RunEvent) => void,
): Promise<RunBeginning> {
  const { recipe, ancestor, dataset } = request;
  const parts = await assembleParts(request, recipe, dependencies, onEvent);
  return releasedOnFailure(parts, async () => {
    const { fields, position } = ancestor
      ? await beginFurther(ancestor, parts, dataset, dependencies)
      : { fields: { weightsOrigin: await dependencies.fillWeights(parts.network, request) }, position: undefined };
    const device = deviceName(dependencies.device.status);
    const record = { ...newRunRecord(request, parts.network.graph, device, fields.weightsOrigin), ...fields };
    return { parts, record, position, elapsed: { elapsedMs: 0, epochElapsedMs: 0 }, callbackStates: {} };
  });
}

/**
 * A stored run as of its last checkpoint. One that was cut off before its first checkpoint begins anew, under its id.
 * @throws {StudioError} `bad-weights` when its checkpoint is damaged or of another version, `bad-input` when the dataset is not
 * the one it was trained on.
 */
export async function beginRestored(
  request: RunRequest,
  dependencies: RunDependencies,
  onEvent: (event: RunEvent) => void,
): Promise<RunBeginning> {
  const { runId, dataset } = request;
  const checkpoint = await readCheckpoint(runId, dependencies.checkpoints);
  if (!checkpoint) return beginNew(request, dependencies, onEvent);
  const { state } = checkpoint;
  if (dataset.id !== state.datasetFingerprint) throw otherDataset(state.record);
  const parts = await assembleParts({ runId, dataset }, state.recipe, dependencies, onEvent);
  return releasedOnFailure(parts, async () => {
    if (parts.trainingListHash !== state.trainingListHash) throw otherDataset(state.record);
    await restoring(() => parts.checkpoints.restoreAll(checkpoint));
    const { position, elapsedMs, epochElapsedMs, callbacks } = state;
    const { gpu, notes } = continuedOn(checkpoint, dependencies.device);
    const test = { last: null, best: null };
    // A run that was restored from a backup beside another one of its id has an id of its own.
    const record: RunRecord = { ...state.record, id: runId, status: 'running', failure: null, test, gpu };
    onEvent({ type: 'runRestored', epoch: position.epoch, step: position.step, notes });
    return { parts, record, position, elapsed: { elapsedMs, epochElapsedMs }, callbackStates: callbacks };
  });
}

async function releasedOnFailure<T>(parts: RunParts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await releaseParts(parts);
    throw error;
  }
}

function otherDataset({ dataset: { name } }: RunRecord): StudioError {
  const sentence = `This run was trained on another state of ${name}. Open that dataset as it was then to continue the run.`;
  return new StudioError('bad-input', sentence);
}
