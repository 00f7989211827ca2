/**
 * @file Removes the files that interrupted work left behind: what no record and no manifest names.
 *
 * Every tab holds a lock on the files it works on; locked files are left alone. What cannot be removed
 * stays until the next time.
 */

import { exportLock, runLock } from '../domain/lock-names';
import type { SweptLeftovers } from '../domain/protocol';
import { listUnnamed, readManifest } from './checkpoint-manifest';
import { holdIfFree } from './locks';
import { listNames } from './opfs-file';
import { leftoverOf, weightsLock } from './pretrained-store';

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
 * @param readRunIds the ids of all stored records, readable or not
 * @throws {StudioError} `storage` when the records cannot be listed; nothing is removed then.
 */
export async function sweepLeftovers(
  { runs, pretrained, exports }: SweptDirectories,
  readRunIds: () => Promise<ReadonlySet<string>>,
): Promise<SweptLeftovers> {
  const swept = await holdIfFree('thorax-sweep', async () => {
    const parts = [...(await sweepRuns(runs, readRunIds)), ...(await sweepPretrained(pretrained))];
    await sweepExports(exports);
    return { count: parts.length, sizeBytes: parts.reduce((sum, sizeBytes) => sum + sizeBytes, 0) };
  });
  return swept ?? { count: 0, sizeBytes: 0 };
}

/** @returns the bytes of each thing that was removed, as do the others */
async function sweepRuns(root: FileSystemDirectoryHandle, readRunIds: () => Promise<ReadonlySet<string>>) {
  const removed: number[] = [];
  const known = await readRunIds();
  for (const runId of await listNames(root)) {
    const sweepOne = async () => {
      // A run may have started and ended since the records were listed.
      if (known.has(runId) || (await readRunIds()).has(runId)) removed.push(...(await sweepRun(root, runId)));
      else removed.push(...(await remove(root, runId)));
    };
    // Shared: a run that is swept must not be shown as going in another tab.
    await holdIfFree(runLock(runId), sweepOne, 'shared');
  }
  return removed;
}

/** A stored run keeps what its manifest names. */
async function sweepRun(root: FileSystemDirectoryHandle, runId: string): Promise<number[]> {
  const removed: number[] = [];
  try {
    const directory = await root.getDirectoryHandle(runId);
    const names = await listUnnamed(directory, await readManifest(directory, runId));
    for (const name of names) removed.push(...(await remove(directory, name)));
  } catch {
    // A manifest that cannot be read names nothing: all of its files stay, until the run is deleted.
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
