/**
 * @file Measures what the origin-private file system holds, part by part.
 *
 * Other tabs may change it meanwhile: what has gone when its turn comes counts nothing.
 */

import type { RunSizes, StoredSizes } from '../domain/stored-sizes';
import { listNames } from './opfs-file';
import { officialNameOf } from './pretrained-store';

/** @param root the top of the origin-private file system */
export async function measureStored(root: FileSystemDirectoryHandle): Promise<StoredSizes> {
  const sizes: StoredSizes = { runs: [], pretrained: [], sampleBytes: 0, exportBytes: 0 };
  for (const name of await listNames(root)) {
    const directory = await root.getDirectoryHandle(name).catch(() => null);
    if (!directory) continue;
    if (name === 'runs') sizes.runs = await measureRuns(directory);
    else if (name === 'pretrained') sizes.pretrained = await measurePretrained(directory);
    else if (name === 'exports') sizes.exportBytes = await measureAll(directory);
    else if (name.startsWith('sample-dataset')) sizes.sampleBytes += await measureAll(directory);
  }
  return sizes;
}

/** How much more the browser grants this site; null where it does not say. */
export async function freeBytes(): Promise<number | null> {
  const { usage, quota } = await navigator.storage.estimate();
  return usage === undefined || quota === undefined ? null : Math.max(0, quota - usage);
}

async function measureRuns(root: FileSystemDirectoryHandle): Promise<RunSizes[]> {
  const runs: RunSizes[] = [];
  for (const runId of await listNames(root)) {
    const directory = await root.getDirectoryHandle(runId).catch(() => null);
    if (!directory) continue;
    const sizes = { runId, weightsBytes: 0, optimizerBytes: 0 };
    for (const name of await namesOf(directory)) {
      const sizeBytes = await sizeOf(directory, name);
      if (name.startsWith('slots-')) sizes.optimizerBytes += sizeBytes;
      else sizes.weightsBytes += sizeBytes;
    }
    if (sizes.weightsBytes + sizes.optimizerBytes > 0) runs.push(sizes);
  }
  return runs;
}

async function measurePretrained(root: FileSystemDirectoryHandle): Promise<StoredSizes['pretrained']> {
  const sizes = new Map<string, number>();
  for (const name of await listNames(root)) {
    const fileName = officialNameOf(name);
    sizes.set(fileName, (sizes.get(fileName) ?? 0) + (await sizeOf(root, name)));
  }
  return [...sizes].map(([fileName, sizeBytes]) => ({ fileName, sizeBytes }));
}

async function measureAll(directory: FileSystemDirectoryHandle): Promise<number> {
  let sizeBytes = 0;
  for (const name of await namesOf(directory)) {
    const inner = await directory.getDirectoryHandle(name).catch(() => null);
    sizeBytes += inner ? await measureAll(inner) : await sizeOf(directory, name);
  }
  return sizeBytes;
}

const namesOf = (directory: FileSystemDirectoryHandle) => listNames(directory).catch(() => []);

async function sizeOf(directory: FileSystemDirectoryHandle, name: string): Promise<number> {
  try {
    return (await (await directory.getFileHandle(name)).getFile()).size;
  } catch {
    return 0;
  }
}
