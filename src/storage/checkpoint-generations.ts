/**
 * @file The generations in a run's directory: which there are, which are whole, and what belongs to none of them.
 *
 * A directory keeps two whole generations, so that one stays when the other is damaged, and the best weights, which are the file
 * of one of them or of an earlier one.
 */

import {
  generationOf,
  type Manifest,
  manifestName,
  OLD_MANIFEST_NAME,
  readManifest,
  writeManifest,
} from './checkpoint-manifest';
import { listNames, openFile, removeQuietly, TEMPORARY_ENDING } from './opfs-file';

export interface Generations {
  /** Of all files in the directory. */
  names: string[];
  /** Whose manifests can be read, newest first. */
  manifests: Manifest[];
  /** Sentences about those whose manifest is damaged, newest first. */
  damaged: string[];
  /** Above the number of every file here, of a damaged generation too. */
  next: number;
}

/** How many whole generations a run keeps. */
export const KEPT_GENERATIONS = 2;

/** @throws {StudioError} `storage` when the directory cannot be listed. */
export async function readGenerations(directory: FileSystemDirectoryHandle): Promise<Generations> {
  const names = await listNames(directory);
  const found: { number: number; name: string; manifest: Manifest | null }[] = [];
  for (const name of names) {
    if (name !== OLD_MANIFEST_NAME && generationOf(name) === null) continue;
    const manifest = await readManifest(directory, name).catch(() => null);
    // Taken over already, by a save that was then cut off.
    if (name === OLD_MANIFEST_NAME && manifest && names.includes(manifestName(manifest.generation))) continue;
    // The old name has no number: whatever has one is newer.
    found.push({ number: manifest?.generation ?? generationOf(name) ?? 0, name, manifest });
  }
  found.sort((a, b) => b.number - a.number);
  const numbers = names.map((name) =>
    Number(/^(?:weights|slots|checkpoint)-(\d{1,15})\.(?:bin|json)$/.exec(name)?.[1] ?? 0),
  );
  return {
    names,
    manifests: found.flatMap(({ manifest }) => manifest ?? []),
    damaged: found
      .filter(({ manifest }) => manifest === null)
      .map(({ name }) => `The list of files of a checkpoint, ${name}, is damaged.`),
    next: Math.max(...found.map(({ number }) => number), ...numbers, 0) + 1,
  };
}

/**
 * Gives the one manifest of the old format its name in the present one, so that the next save can stand beside it.
 * @throws {StudioError} `storage`
 */
export async function adoptOldManifest(directory: FileSystemDirectoryHandle, subject: string): Promise<void> {
  const manifest = await readManifest(directory, OLD_MANIFEST_NAME).catch(() => null);
  if (!manifest) return;
  const names = await listNames(directory);
  if (!names.includes(manifestName(manifest.generation))) await writeManifest(directory, manifest, subject);
  await removeQuietly(directory, OLD_MANIFEST_NAME);
}

/**
 * The names of what no kept generation needs. While a manifest is damaged, who needs which file is not known: then only what
 * was never completed. The newest readable generation is kept whether or not it is whole.
 */
export async function listUnneeded(directory: FileSystemDirectoryHandle): Promise<string[]> {
  const { names, manifests, damaged } = await readGenerations(directory);
  if (damaged.length > 0) return names.filter((name) => name.endsWith(TEMPORARY_ENDING));
  return namesOutside(names, await choose(directory, manifests, KEPT_GENERATIONS));
}

/**
 * Removes what no kept generation needs, damaged manifests included; nothing while no generation is whole.
 * @returns whether there was anything to remove
 */
export async function keepNewest(directory: FileSystemDirectoryHandle, keep: number): Promise<boolean> {
  const { names, manifests } = await readGenerations(directory);
  const kept = await choose(directory, manifests, keep);
  if (kept.length === 0) return false;
  // First what names files, then the files: a manifest never names one that is gone.
  const rank = (name: string) => (name.endsWith('.json') ? 0 : 1);
  const unneeded = namesOutside(names, kept).toSorted((a, b) => rank(a) - rank(b));
  for (const name of unneeded) await removeQuietly(directory, name);
  return unneeded.length > 0;
}

async function choose(directory: FileSystemDirectoryHandle, manifests: Manifest[], keep: number): Promise<Manifest[]> {
  const [newest] = manifests;
  const kept = newest ? [newest] : [];
  let whole = 0;
  for (const manifest of manifests) {
    if (whole === keep) break;
    if (!(await isWhole(directory, manifest))) continue;
    whole += 1;
    if (manifest !== newest) kept.push(manifest);
  }
  return kept;
}

/** By the lengths of its files; their checksums are computed when they are read. */
async function isWhole(directory: FileSystemDirectoryHandle, { last }: Manifest): Promise<boolean> {
  for (const entry of [last.weights, last.slots]) {
    if (entry && !(await isComplete(directory, entry))) return false;
  }
  return true;
}

/** True when the file is there and as long as it was written. */
export async function isComplete(
  directory: FileSystemDirectoryHandle,
  { fileName, lengthBytes }: { fileName: string; lengthBytes: number },
): Promise<boolean> {
  const file = await openFile(directory, fileName).catch(() => null);
  return file?.size === lengthBytes;
}

function namesOutside(names: string[], manifests: Manifest[]): string[] {
  const needed = new Set<string>();
  for (const { generation, last, best } of manifests) {
    needed.add(manifestName(generation));
    for (const entry of [last.weights, last.slots, best?.weights]) if (entry) needed.add(entry.fileName);
  }
  // One of the old format that has not been saved again yet.
  if (manifests.some(({ generation }) => !names.includes(manifestName(generation)))) needed.add(OLD_MANIFEST_NAME);
  return names.filter((name) => !needed.has(name));
}
