/**
 * @file Removes the files that interrupted work left behind: what no record and no manifest names.
 *
 * Every tab holds a lock on the files it works on; locked files are left alone. What cannot be removed
 * stays until the next time.
 */

import { exportLock, runLock } from '../domain/lock-names';
import type { SweptLeftovers } from '../domain/protocol';
import { listUnneeded } from './checkpoint-generations';
import { dropSlots, hasSlotsToDrop } from './checkpoint-store';
import { holdIfFree } from './locks';
import { listNames } from './opfs-file';
import { leftoverOf, weightsLock } from './pretrained-store';

/** The stored records. */
export interface KnownRuns {
  /** Of all, readable or not. */
  ids: ReadonlySet<string>;
  /** Of those that will not go on: their optimizer's slots are of no more use. */
  over: ReadonlySet<string>;
}

/** The directories of the origin-private file system that are swept. */
export interface SweptDirectories {
  /** Holds one directory per run. */
  runs: FileSystemDirectoryHandle;
  pretrained: FileSystemDirectoryHandle;
  /** Holds one directory per tab. */
  exports: FileSystemDirectoryHandle;
}

/**
 * Sweeps once, unless another tab does so at this moment. The exports of closed tabs go too, uncounted: they are left by
 * everyone who closes a tab.
 * @throws {StudioError} `storage` when the records cannot be listed; nothing is removed then.
 */
export async function sweepLeftovers(
  { runs, pretrained, exports }: SweptDirectories,
  readRuns: () => Promise<KnownRuns>,
): Promise<SweptLeftovers> {
  const swept = await holdIfFree('thorax-sweep', async () => {
    const parts = [...(await sweepRuns(runs, readRuns)), ...(await sweepPretrained(pretrained))];
    await sweepExports(exports);
    return { count: parts.length, sizeBytes: parts.reduce((sum, sizeBytes) => sum + sizeBytes, 0) };
  });
  return swept ?? { count: 0, sizeBytes: 0 };
}

/** @returns the bytes of each thing that was removed, as do the others */
async function sweepRuns(root: FileSystemDirectoryHandle, readRuns: () => Promise<KnownRuns>) {
  const removed: number[] = [];
  let known = await readRuns();
  for (const runId of await listNames(root)) {
    const sweepOne = async () => {
      // A run may have started and ended since the records were listed.
      if (!known.ids.has(runId)) known = await readRuns();
      if (known.ids.has(runId)) removed.push(...(await sweepRun(root, runId, known.over.has(runId))));
      else removed.push(...(await remove(root, runId)));
    };
    // Shared: a run that is swept must not be shown as going in another tab.
    await holdIfFree(runLock(runId), sweepOne, 'shared');
  }
  return removed;
}

/** A stored run keeps what its manifests name; of one that is over, what only going on would need is removed too. */
async function sweepRun(root: FileSystemDirectoryHandle, runId: string, isOver: boolean): Promise<number[]> {
  const removed: number[] = [];
  try {
    const directory = await root.getDirectoryHandle(runId);
    const names = await listUnneeded(directory);
    for (const name of names) removed.push(...(await remove(directory, name)));
    if (isOver && (await hasSlotsToDrop(directory))) {
      const before = await measure(root, runId);
      await dropSlots(directory, `The checkpoint of run ${runId}`);
      const freedBytes = before - (await measure(root, runId));
      // A manifest written anew may be a few bytes longer.
      if (freedBytes > 0) removed.push(freedBytes);
    }
  } catch {
    // What cannot be listed or measured stays until the next time.
  }
  return removed;
}

async function sweepPretrained(root: FileSystemDirectoryHandle): Promise<number[]> {
  const removed: number[] = [];
  for (const name of await listNames(root)) {
    const fileName = await leftoverOf(root, name);
    if (fileName === null) continue;
    await holdIfFree(weightsLock(root, fileName), async () => {
      removed.push(...(await remove(root, name)));
    });
  }
  return removed;
}

async function sweepExports(root: FileSystemDirectoryHandle): Promise<void> {
  for (const name of await listNames(root)) await holdIfFree(exportLock(name), () => remove(root, name));
}

/** @returns the bytes of a file, or of a directory and all in it; empty when it could not be removed */
async function remove(parent: FileSystemDirectoryHandle, name: string): Promise<number[]> {
  try {
    const sizeBytes = await measure(parent, name);
    await parent.removeEntry(name, { recursive: true });
    return [sizeBytes];
  } catch {
    return [];
  }
}

async function measure(parent: FileSystemDirectoryHandle, name: string): Promise<number> {
  const file = await parent.getFileHandle(name).catch(() => null);
  if (file) return (await file.getFile()).size;
  const directory = await parent.getDirectoryHandle(name);
  let sizeBytes = 0;
  for (const inner of await listNames(directory)) sizeBytes += await measure(directory, inner);
  return sizeBytes;
}
