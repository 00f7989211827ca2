/**
 * @file Checkpoints of runs in the origin-private file system: one directory per run, inside a directory of the caller's.
 *
 * A save writes its files under new names, then replaces the manifest, then removes what the manifest no longer names.
 * If the worker is killed at any moment, the manifest names a whole checkpoint, the earlier or the new one. Dedicated
 * workers only.
 */

import { type CheckpointState, readCheckpointState } from '../domain/checkpoint';
import { StudioError, toFailure } from '../domain/failure';
import type { WeightsKind } from '../domain/run';
import { type Manifest, readManifest, removeUnnamed, writeManifest } from './checkpoint-manifest';
import { isNotFound, makeDirectory, openDirectory, refusal } from './opfs-file';
import { type OpenTensors, openTensorFile, type TensorStream, writeTensorFile } from './tensor-file';

/** All that a run needs to go on from the end of an epoch as if it had never stopped. */
export interface Checkpoint {
  epoch: number;
  /** These weights are also the run's best. */
  isBest: boolean;
  /** Null for a model that was trained elsewhere. */
  state: CheckpointState | null;
  weights: TensorStream;
  /** The optimizer's slots; null for a model that was trained elsewhere. */
  slots: TensorStream | null;
}

export interface OpenCheckpoint {
  epoch: number;
  /** As saved for `last`; null for `best`, and when this version cannot read it: the weights can be used all the same. */
  state: CheckpointState | null;
  weights: OpenTensors;
}

export interface CheckpointStore {
  /**
   * Stores the end of an epoch, replacing the run's `last` (and `best`, when it is). One save at a time for one run.
   * @throws {StudioError} `storage` when the disk is full or the browser refuses; the earlier checkpoint stays whole.
   */
  save(runId: string, checkpoint: Checkpoint): Promise<void>;
  /**
   * Opens one of the run's two sets of weights; lengths are checked here, checksums as tensors are read.
   * @throws {StudioError} `not-found` when the run has none, `storage` when a file is missing, short or damaged.
   */
  open(runId: string, kind: WeightsKind): Promise<OpenCheckpoint>;
  /**
   * Opens the optimizer's slots that belong to the `last` weights.
   * @throws {StudioError} `not-found` when they were dropped, `storage` when their file is missing, short or damaged.
   */
  openSlots(runId: string): Promise<OpenTensors>;
  /** Removes the slots of a run that will not go on, up to twice the size of its weights; the weights stay. */
  dropSlots(runId: string): Promise<void>;
  /** Removes all of a run's checkpoints; no error when there are none. */
  delete(runId: string): Promise<void>;
}

/** @param root the directory of all runs' directories. */
export function openCheckpointStore(root: FileSystemDirectoryHandle): CheckpointStore {
  return {
    save: (runId, checkpoint) => saveCheckpoint(root, runId, checkpoint),
    open: (runId, kind) => openCheckpoint(root, runId, kind),
    openSlots: (runId) => openSlots(root, runId),
    dropSlots: (runId) => dropSlots(root, runId),
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
  const { epoch, isBest, state } = checkpoint;
  const subject = `The checkpoint of epoch ${epoch} of run ${runId}`;
  const directory = await makeDirectory(root, runId, subject);
  const previous = await readManifest(directory, runId);
  // Before writing: leftovers of a killed save may be what fills the disk.
  await removeUnnamed(directory, previous);

  const generation = (previous?.generation ?? 0) + 1;
  try {
    const weights = await writeTensorFile(directory, `weights-${generation}.bin`, checkpoint.weights, subject);
    const slots =
      checkpoint.slots && (await writeTensorFile(directory, `slots-${generation}.bin`, checkpoint.slots, subject));
    const best = isBest ? { epoch, weights } : (previous?.best ?? null);
    const manifest: Manifest = { generation, last: { epoch, state, weights, slots }, best };
    await writeManifest(directory, manifest, subject);
    await removeUnnamed(directory, manifest);
  } catch (error) {
    // A full disk needs the space now, not at the next save. The manifest on disk, old or new, says what may be removed.
    await readManifest(directory, runId).then(
      (current) => removeUnnamed(directory, current),
      () => undefined,
    );
    throw error;
  }
}

async function openCheckpoint(
  root: FileSystemDirectoryHandle,
  runId: string,
  kind: WeightsKind,
): Promise<OpenCheckpoint> {
  const { directory, manifest } = await openManifest(root, runId);
  const subject = `The ${kind} weights of run ${runId}`;
  if (kind === 'last') {
    const { epoch, state, weights } = manifest.last;
    return {
      epoch,
      state: readCheckpointState(state),
      weights: await openTensorFile(directory, weights, subject),
    };
  }
  if (!manifest.best) {
    throw new StudioError('not-found', `No best weights of run ${runId} are stored.`);
  }
  const { epoch, weights } = manifest.best;
  return { epoch, state: null, weights: await openTensorFile(directory, weights, subject) };
}

async function openSlots(root: FileSystemDirectoryHandle, runId: string): Promise<OpenTensors> {
  const { directory, manifest } = await openManifest(root, runId);
  const { slots } = manifest.last;
  if (!slots) {
    const sentence = `The optimizer's state of run ${runId} is no longer stored: the run has come to its end.`;
    throw new StudioError('not-found', sentence);
  }
  try {
    return await openTensorFile(directory, slots, `The optimizer's slots of run ${runId}`);
  } catch (cause) {
    const reason = toFailure(cause).sentence;
    const sentence = `Run ${runId} cannot be continued; its weights can still be used. ${reason}`;
    throw new StudioError('storage', sentence, { cause });
  }
}

async function dropSlots(root: FileSystemDirectoryHandle, runId: string): Promise<void> {
  const { directory, manifest } = await openManifest(root, runId);
  if (!manifest.last.slots) return;
  const without: Manifest = { ...manifest, last: { ...manifest.last, slots: null } };
  await writeManifest(directory, without, `The checkpoint of run ${runId}`);
  await removeUnnamed(directory, without);
}

/** @throws {StudioError} `not-found` when the run has no checkpoint. */
async function openManifest(root: FileSystemDirectoryHandle, runId: string) {
  const directory = await openDirectory(root, runId);
  const manifest = directory && (await readManifest(directory, runId));
  // Only the record knows whether the run ever had a checkpoint.
  if (!directory || !manifest) throw new StudioError('not-found', `No weights of run ${runId} are stored.`);
  return { directory, manifest };
}
