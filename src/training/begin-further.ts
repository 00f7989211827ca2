/** @file Begins a run with the weights of another one, and with that one's optimizer where it is kept. */

import { weightSpecs } from '../architectures/graph';
import { RandomStream } from '../base/random';
import type { CheckpointState, TrainingPosition } from '../domain/checkpoint';
import type { DatasetSummary } from '../domain/dataset';
import { StudioError, toFailure } from '../domain/failure';
import { slotCount } from '../domain/recipe';
import type { Ancestor, RunRecord, WeightsKind } from '../domain/run';
import { furtherRefusal } from '../domain/train-further';
import type { Network } from '../networks/network';
import type { CheckpointStore, OpenCheckpoint } from '../storage/checkpoint-store';
import { restoreSlots, restoreWeights } from './checkpoint-tensors';
import { drawEpoch } from './draw-epoch';
import { openWeights } from './open-weights';
import type { RunDependencies, RunParts } from './run-parts';
import { epochStart } from './train-network';

export interface FurtherBeginning {
  /** What the new record takes over from the ancestor's, and what it says of it. */
  fields: Pick<RunRecord, 'weightsOrigin' | 'inputScaling' | 'scalingAssumed' | 'configurationAssumed' | 'ancestor'>;
  /** Before the first step, with the random streams where the ancestor left them; undefined where that is not kept. */
  position: TrainingPosition | undefined;
}

/**
 * Fills the network, and the optimizer where the ancestor's slots are kept and belong to these weights.
 * @throws {StudioError} `bad-input` when the ancestor is gone or does not go with the dataset; `bad-weights` when its weights are
 * gone or damaged.
 */
export async function beginFurther(
  { runId, weights: kind }: Ancestor,
  parts: RunParts,
  dataset: DatasetSummary,
  { checkpoints, findRun }: Pick<RunDependencies, 'checkpoints' | 'findRun'>,
): Promise<FurtherBeginning> {
  const record = await findRun(runId);
  if (!record) {
    const sentence = 'The run that this one was to go on from has been deleted: remove this one from the queue.';
    throw new StudioError('bad-input', sentence);
  }
  const refusal = furtherRefusal(record, kind, dataset);
  if (refusal) throw new StudioError('bad-input', refusal);
  const opened = await restoreAncestor(parts.network, checkpoints, record, kind);
  const state = kind === 'last' ? opened.state : await lastState(checkpoints, runId);
  const hasSlots = slotCount(parts.recipe.optimizer) > 0;
  const isContinued = !hasSlots || (kind === 'last' && (await continueOptimizer(parts, checkpoints, runId, opened)));
  const { weightsOrigin, inputScaling, scalingAssumed, configurationAssumed } = record;
  const optimizer = isContinued ? 'continued' : 'anew';
  return {
    fields: {
      weightsOrigin,
      inputScaling,
      scalingAssumed,
      configurationAssumed,
      ancestor: { runId, weights: kind, optimizer, otherDatasets: otherDatasets(record, dataset) },
    },
    // Neither order nor transforms nor noise of the ancestor's epochs come a second time.
    position: state ? epochStart(0, statesAfter(state, parts)) : undefined,
  };
}

/** Fills the network. To the queue, weights that are gone or damaged concern this run alone: neither the dataset nor the disk. */
async function restoreAncestor(
  network: Network,
  checkpoints: CheckpointStore,
  record: RunRecord,
  kind: WeightsKind,
): Promise<OpenCheckpoint> {
  try {
    const opened = await openWeights(checkpoints, record, kind);
    await restoreWeights(network, weightSpecs(network.graph), opened.weights);
    return opened;
  } catch (cause) {
    const { code, sentence } = toFailure(cause);
    throw code === 'not-found' || code === 'storage' ? new StudioError('bad-weights', sentence, { cause }) : cause;
  }
}

async function lastState(checkpoints: CheckpointStore, runId: string): Promise<CheckpointState | null> {
  try {
    return (await checkpoints.open(runId, 'last')).state;
  } catch {
    return null;
  }
}

/** @returns false where the slots were dropped at the ancestor's end, or are damaged: the optimizer is then as at its start. */
async function continueOptimizer(
  { optimizer, network }: RunParts,
  checkpoints: CheckpointStore,
  runId: string,
  { state, epoch, step }: OpenCheckpoint,
): Promise<boolean> {
  if (!state) return false;
  try {
    const kept = await checkpoints.openToContinue(runId);
    const areOfTheseWeights = kept.epoch === epoch && kept.step === step;
    if (!kept.slots || !areOfTheseWeights) return false;
    await restoreSlots(optimizer, network, kept.slots);
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    // Some may have been read before the damage.
    await optimizer.load(network, async (_key, _start, length) => new Float32Array(length));
    return false;
  }
  optimizer.step = state.optimizerStep;
  return true;
}

/** Kept within an epoch, the state of the order is that before the epoch: it is drawn once more and left behind. */
function statesAfter({ position, recipe }: CheckpointState, { images }: RunParts): TrainingPosition['randomStates'] {
  const { step, randomStates } = position;
  if (step === 0) return randomStates;
  const shuffle = RandomStream.fromState(randomStates.shuffle);
  drawEpoch(images.of('train'), recipe.sampling, shuffle);
  return { ...randomStates, shuffle: [...shuffle.state] };
}

/** The datasets, other than this one, that the ancestor and its own ancestors were trained on. */
function otherDatasets({ dataset: own, ancestor, epochs }: RunRecord, dataset: DatasetSummary) {
  const seen = [...(ancestor?.otherDatasets ?? []), ...(epochs.length > 0 ? [{ id: own.id, name: own.name }] : [])];
  const byId = new Map(seen.map((one) => [one.id, one]));
  byId.delete(dataset.id);
  return [...byId.values()];
}
