/**
 * @file The manifest of a run's checkpoint: which files are valid, how long they are, and what they hold.
 *
 * Files that no manifest names are leftovers of an interrupted save. The checksum of each tensor covers its bytes,
 * so that reading one tensor checks it without reading the rest.
 */

import * as v from 'valibot';
import { StudioError } from '../domain/failure';
import { listNames, openFile, refusal, removeQuietly, writeWholeFile } from './opfs-file';

const MANIFEST_NAME = 'manifest.json';
/** In version 1 `slots` is never null; the rest is as in version 2. */
const MANIFEST_SCHEMA_VERSION = 2;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const TensorEntrySchema = v.object({ name: v.string(), shape: v.array(count), crc32: count });

export type TensorEntry = v.InferOutput<typeof TensorEntrySchema>;

const TensorFileEntrySchema = v.object({
  fileName: v.string(),
  lengthBytes: count,
  /** In the order of the file, without gaps. */
  tensors: v.array(TensorEntrySchema),
});

export type TensorFileEntry = v.InferOutput<typeof TensorFileEntrySchema>;

const ManifestSchema = v.object({
  schemaVersion: v.picklist([1, MANIFEST_SCHEMA_VERSION]),
  /** Counts the saves; part of the file names, so that a save never writes over a file in use. */
  generation: count,
  last: v.object({
    epoch: v.number(),
    /** Read by `domain/checkpoint`; what cannot be read stays as it is. */
    state: v.unknown(),
    weights: TensorFileEntrySchema,
    /** Null when they were dropped because the run has ended. */
    slots: v.nullable(TensorFileEntrySchema),
  }),
  /** Names the same file as `last` when the last epoch is the best. */
  best: v.nullable(v.object({ epoch: v.number(), weights: TensorFileEntrySchema })),
});

export type Manifest = Omit<v.InferOutput<typeof ManifestSchema>, 'schemaVersion'>;

/** Reads stored JSON. @throws {v.ValiError} when it is not a manifest of this version. */
export function parseManifest(value: unknown): Manifest {
  return v.parse(ManifestSchema, value);
}

/**
 * The manifest of a run's directory, or null when no save has been completed in it.
 * @throws {StudioError} `storage` when there is one that cannot be read.
 */
export async function readManifest(directory: FileSystemDirectoryHandle, runId: string): Promise<Manifest | null> {
  const subject = `The list of stored checkpoints of run ${runId}`;
  const text = await openFile(directory, MANIFEST_NAME)
    .then((file) => file?.text() ?? null)
    .catch((cause: unknown) => {
      throw cause instanceof StudioError ? cause : refusal(`${subject} could not be read`, cause);
    });
  try {
    return text === null ? null : parseManifest(JSON.parse(text));
  } catch (cause) {
    const sentence = `${subject} is damaged. Delete the run and train it again.`;
    throw new StudioError('storage', sentence, { cause });
  }
}

/** Replaces the manifest in one step: the files it names then are the run's checkpoint. */
export async function writeManifest(
  directory: FileSystemDirectoryHandle,
  manifest: Manifest,
  subject: string,
): Promise<void> {
  const text = JSON.stringify({ ...manifest, schemaVersion: MANIFEST_SCHEMA_VERSION });
  await writeWholeFile(directory, MANIFEST_NAME, once(new TextEncoder().encode(text)), subject);
}

/** The files of the directory that the manifest does not name: what an interrupted save left. */
export async function listUnnamed(directory: FileSystemDirectoryHandle, manifest: Manifest | null): Promise<string[]> {
  const named = new Set([MANIFEST_NAME]);
  for (const entry of manifest ? [manifest.last.weights, manifest.last.slots, manifest.best?.weights] : []) {
    if (entry) named.add(entry.fileName);
  }
  return (await listNames(directory)).filter((name) => !named.has(name));
}

/** Removes every file of the directory that the manifest does not name. */
export async function removeUnnamed(directory: FileSystemDirectoryHandle, manifest: Manifest | null): Promise<void> {
  for (const name of await listUnnamed(directory, manifest)) await removeQuietly(directory, name);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
