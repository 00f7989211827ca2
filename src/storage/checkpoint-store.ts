/**
 * @file Checkpoints of runs in the origin-private file system: one directory per run, inside a directory of the caller's.
 *
 * Each save is a generation: it writes its files under new names, then its manifest, then removes what is older than the two
 * newest. If the worker is killed at any moment, the newest generation with a manifest is whole, the earlier or the new one;
 * if that one is damaged later, the one before it is still there. Dedicated workers only.
 */

import { type CheckpointState, readCheckpointState } from '../domain/checkpoint';
import { StudioError, toFailure } from '../domain/failure';
import { placeWords, type WeightsKind } from '../domain/run';
import {
  adoptOldManifest,
  isComplete,
  KEPT_GENERATIONS,
  keepNewest,
  listUnneeded,
  readGenerations,
} from './checkpoint-generations';
import { type Manifest, writeManifest } from './checkpoint-manifest';
import { isFullDisk, isNotFound, makeDirectory, openDirectory, refusal, removeQuietly } from './opfs-file';
import {
  checkTensors,
  DamagedTensorsError,
  type OpenTensors,
  openTensorFile,
  type TensorStream,
  writeTensorFile,
} from './tensor-file';

/** All that a run needs to go on from a place in its training as if it had never stopped. */
export interface Checkpoint {
  /** Complete epochs. */
  epoch: number;
  /** Steps of the epoch after them. */
  step: number;
  /** The epoch of the run's best weights: these, those of an earlier save, or null for none. */
  bestEpoch: number | null;
  /** Null for a model that was trained elsewhere. */
  state: CheckpointState | null;
  weights: TensorStream;
  /** The optimizer's slots; null for a model that was trained elsewhere. */
  slots: TensorStream | null;
}

export interface OpenCheckpoint {
  epoch: number;
  step: number;
  /** As saved for `last`; null for `best`, and when this version cannot read it: the weights can be used all the same. */
  state: CheckpointState | null;
  weights: OpenTensors;
  /** Sentences about newer checkpoints that are damaged, the newest first; empty when this is the newest. */
  skipped: string[];
}

/** A checkpoint that a run can go on from. */
export interface ResumableCheckpoint extends OpenCheckpoint {
  /** Null when they were dropped because the run has ended. */
  slots: OpenTensors | null;
}

export interface CheckpointStore {
  /**
   * Stores a new generation, which replaces the run's `last` (and `best`, when it is), and keeps the one before it. When the disk
   * is full, older generations are given up for it, but never the newest whole one. One save at a time for one run.
   * @throws {StudioError} `storage` when the disk is full or the browser refuses; the earlier checkpoint stays whole.
   */
  save(runId: string, checkpoint: Checkpoint): Promise<void>;
  /**
   * Opens one of the run's two sets of weights, of the newest generation whose manifest is not damaged and, for `last`, whose
   * weights are all there. Checksums are checked as tensors are read.
   * @throws {StudioError} `not-found` when the run has none, `storage` when all are damaged.
   */
  open(runId: string, kind: WeightsKind): Promise<OpenCheckpoint>;
  /**
   * Opens the newest generation that is whole, weights and slots. Where there is an older one to take instead, checksums are
   * checked before it is returned.
   * @throws {StudioError} `not-found` when the run has none, `storage` when all are damaged.
   */
  openToContinue(runId: string): Promise<ResumableCheckpoint>;
  /**
   * Keeps of a run that will not go on its two sets of weights: the slots, up to twice the size of the weights, and the earlier
   * generation are removed. No error when there is no checkpoint.
   */
  keepWeightsOnly(runId: string): Promise<void>;
  /** Removes all of a run's checkpoints; no error when there are none. */
  delete(runId: string): Promise<void>;
}

/** @param root the directory of all runs' directories. */
export function openCheckpointStore(root: FileSystemDirectoryHandle): CheckpointStore {
  return {
    save: (runId, checkpoint) => saveCheckpoint(root, runId, checkpoint),
    open: (runId, kind) => openCheckpoint(root, runId, kind),
    openToContinue: (runId) => openToContinue(root, runId),
    keepWeightsOnly: async (runId) => {
      const directory = await openDirectory(root, runId);
      if (directory) await dropSlots(directory, `The checkpoint of run ${runId}`);
    },
    delete: async (runId) => {
      try {
        await root.removeEntry(runId, { recursive: true });
      } catch (cause) {
        if (isNotFound(cause)) return;
        throw refusal(`The weights of run ${runId} could not be deleted`, cause);
      }
    },
  };
}

async function saveCheckpoint(root: FileSystemDirectoryHandle, runId: string, checkpoint: Checkpoint): Promise<void> {
  const subject = `The checkpoint of run ${runId} ${placeWords(checkpoint)}`;
  const directory = await makeDirectory(root, runId, subject);
  // Before writing: leftovers of a killed save may be what fills the disk.
  await clear(directory);
  try {
    await adoptOldManifest(directory, subject);
    await writeGeneration(directory, checkpoint, subject);
  } catch (error) {
    // A full disk needs the space now, not at the next save.
    await clear(directory);
    if (!isFullDisk(error) || !(await keepNewest(directory, 1))) throw error;
    try {
      await writeGeneration(directory, checkpoint, subject);
    } catch (again) {
      await clear(directory);
      throw again;
    }
  }
  await keepNewest(directory, KEPT_GENERATIONS);
}

async function writeGeneration(directory: FileSystemDirectoryHandle, checkpoint: Checkpoint, subject: string) {
  const { epoch, step, bestEpoch, state } = checkpoint;
  const { manifests, next: generation } = await readGenerations(directory);
  const weights = await writeTensorFile(directory, `weights-${generation}.bin`, checkpoint.weights, subject);
  const slots =
    checkpoint.slots && (await writeTensorFile(directory, `slots-${generation}.bin`, checkpoint.slots, subject));
  const isBest = bestEpoch === epoch && step === 0;
  const best = isBest ? { epoch, weights } : await findBest(directory, manifests, bestEpoch);
  await writeManifest(directory, { generation, last: { epoch, step, state, weights, slots }, best }, subject);
}

/** The stored weights of the best epoch, which are never written twice. */
async function findBest(directory: FileSystemDirectoryHandle, manifests: Manifest[], bestEpoch: number | null) {
  for (const { best } of manifests) {
    if (best && best.epoch === bestEpoch && (await isComplete(directory, best.weights))) return best;
  }
  return null;
}

async function clear(directory: FileSystemDirectoryHandle): Promise<void> {
  for (const name of await listUnneeded(directory).catch(() => [])) await removeQuietly(directory, name);
}

async function openCheckpoint(
  root: FileSystemDirectoryHandle,
  runId: string,
  kind: WeightsKind,
): Promise<OpenCheckpoint> {
  const subject = `The ${kind} weights of run ${runId}`;
  if (kind === 'last') {
    return openNewest(root, runId, async (directory, { last: { epoch, step, state, weights } }) => ({
      epoch,
      step,
      state: readCheckpointState(state),
      weights: await openTensorFile(directory, weights, subject),
    }));
  }
  return openNewest(root, runId, async (directory, { best }) => {
    if (!best) throw new StudioError('not-found', `No best weights of run ${runId} are stored.`);
    const { epoch, weights } = best;
    return { epoch, step: 0, state: null, weights: await openTensorFile(directory, weights, subject) };
  });
}

function openToContinue(root: FileSystemDirectoryHandle, runId: string): Promise<ResumableCheckpoint> {
  return openNewest(root, runId, async (directory, { last }, isOnly) => {
    const weights = await openTensorFile(
      directory,
      last.weights,
      `The weights after epoch ${last.epoch} of run ${runId}`,
    );
    const slots =
      last.slots &&
      (await openTensorFile(
        directory,
        last.slots,
        `The optimizer’s numbers after epoch ${last.epoch} of run ${runId}`,
      ));
    // The only one is checked as it is read.
    if (!isOnly) {
      await checkTensors(weights);
      if (slots) await checkTensors(slots);
    }
    return { epoch: last.epoch, step: last.step, state: readCheckpointState(last.state), weights, slots };
  });
}

/**
 * What `open` makes of the newest generation that it can open.
 * @param open throws `storage` for a damaged one
 * @throws {StudioError} `not-found` when the run has no checkpoint, `storage` when all are damaged: the sentence on the newest.
 */
async function openNewest<T extends object>(
  root: FileSystemDirectoryHandle,
  runId: string,
  open: (directory: FileSystemDirectoryHandle, manifest: Manifest, isOnly: boolean) => Promise<T>,
): Promise<T & { skipped: string[] }> {
  const directory = await openDirectory(root, runId);
  if (!directory) throw nothingStored(runId);
  const { manifests, damaged } = await readGenerations(directory);
  const skipped = [...damaged];
  let newest: unknown = null;
  for (const manifest of manifests) {
    try {
      return { ...(await open(directory, manifest, manifests.length === 1)), skipped };
    } catch (error) {
      const { code, sentence } = toFailure(error);
      if (code !== 'storage') throw error;
      newest ??= error;
      skipped.push(error instanceof DamagedTensorsError ? error.damage : sentence);
    }
  }
  if (newest !== null) throw newest;
  if (damaged.length > 0) {
    throw new StudioError('storage', `${damaged[0]} Run ${runId} has no other: delete it and train it again.`);
  }
  throw nothingStored(runId);
}

/** Only the record knows whether the run ever had a checkpoint. */
function nothingStored(runId: string): StudioError {
  return new StudioError('not-found', `No weights of run ${runId} are stored.`);
}

/** Drops the slots of the newest generation, and all that is older. */
export async function dropSlots(directory: FileSystemDirectoryHandle, subject: string): Promise<void> {
  const newest = await findDroppable(directory);
  if (!newest) return;
  await adoptOldManifest(directory, subject);
  if (newest.last.slots) await writeManifest(directory, { ...newest, last: { ...newest.last, slots: null } }, subject);
  await keepNewest(directory, 1);
}

/** Whether {@link dropSlots} would free any space. */
export async function hasSlotsToDrop(directory: FileSystemDirectoryHandle): Promise<boolean> {
  return (await findDroppable(directory)) !== null;
}

/** The newest generation, where it has slots or others before it and would be whole without; else null. */
async function findDroppable(directory: FileSystemDirectoryHandle): Promise<Manifest | null> {
  const { manifests } = await readGenerations(directory);
  const [newest] = manifests;
  if (!newest || !(await isComplete(directory, newest.last.weights))) return null;
  return newest.last.slots || manifests.length > 1 ? newest : null;
}
