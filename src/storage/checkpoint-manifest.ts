/**
 * @file The manifest of one generation of a run's checkpoint: which files belong to it, how long they are, and what they hold.
 *
 * Each generation has a manifest of its own, `checkpoint-<n>.json`, written when its files are complete. It carries its own
 * length and checksum. The checksum of each tensor covers its bytes, so that reading one tensor checks it without reading the
 * rest.
 */

import * as v from 'valibot';
import { Crc32 } from '../base/checksum';
import { openFile, writeText } from './opfs-file';

/** One manifest for a whole directory, as versions 1 and 2 wrote it, without a checksum of its own. */
export const OLD_MANIFEST_NAME = 'manifest.json';
/** In version 1 `slots` is never null; before version 3 there is no `step`. */
const MANIFEST_SCHEMA_VERSION = 3;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const TensorEntrySchema = v.object({ name: v.string(), shape: v.array(count), crc32: count });

export type TensorEntry = v.InferOutput<typeof TensorEntrySchema>;

const TensorFileEntrySchema = v.object({
  fileName: v.pipe(v.string(), v.regex(/^(weights|slots)-\d+\.bin$/)),
  lengthBytes: count,
  /** In the order of the file, without gaps. */
  tensors: v.array(TensorEntrySchema),
});

export type TensorFileEntry = v.InferOutput<typeof TensorFileEntrySchema>;

const ManifestSchema = v.object({
  schemaVersion: v.picklist([1, 2, MANIFEST_SCHEMA_VERSION]),
  /** Counts the saves; part of the file names, so that a save never writes over a file in use. */
  generation: count,
  last: v.object({
    /** Complete epochs. */
    epoch: v.number(),
    /** Steps of the epoch after them. */
    step: v.optional(count, 0),
    /** Read by `domain/checkpoint`; what cannot be read stays as it is. */
    state: v.unknown(),
    weights: TensorFileEntrySchema,
    /** Null when they were dropped because the run has ended. */
    slots: v.nullable(TensorFileEntrySchema),
  }),
  /** Names the same file as `last` when the last epoch is the best, and that of an earlier generation when it is not. */
  best: v.nullable(v.object({ epoch: v.number(), weights: TensorFileEntrySchema })),
});

export type Manifest = Omit<v.InferOutput<typeof ManifestSchema>, 'schemaVersion'>;

/** Reads stored JSON. @throws {v.ValiError} when it is not a manifest of this version or of one before. */
function parseManifest(value: unknown): Manifest {
  const { schemaVersion: _, ...manifest } = v.parse(ManifestSchema, value);
  return manifest;
}

export function manifestName(generation: number): string {
  return `checkpoint-${generation}.json`;
}

/** The generation that a manifest's name states; null for the name of anything else. */
export function generationOf(fileName: string): number | null {
  const digits = /^checkpoint-(\d{1,15})\.json$/.exec(fileName)?.[1];
  return digits === undefined ? null : Number(digits);
}

const ENVELOPE = /^\{"lengthBytes":(\d+),"crc32":(\d+),"manifest":(.*)\}$/s;

function encodeManifest(manifest: Manifest): string {
  return sealManifest(JSON.stringify({ ...manifest, schemaVersion: MANIFEST_SCHEMA_VERSION }));
}

/**
 * JSON whose first two fields are length and checksum of the third as it is written there, in UTF-8.
 * @param text a manifest as JSON
 */
export function sealManifest(text: string): string {
  const { lengthBytes, crc32 } = measure(text);
  return `{"lengthBytes":${lengthBytes},"crc32":${crc32},"manifest":${text}}`;
}

/** @throws {Error} when the text does not match its length and checksum, or is no manifest. */
function decodeManifest(text: string): Manifest {
  const [, length, crc, inner] = ENVELOPE.exec(text) ?? [];
  if (inner === undefined) throw new Error('No manifest of a checkpoint');
  const { lengthBytes, crc32 } = measure(inner);
  if (lengthBytes !== Number(length) || crc32 !== Number(crc))
    throw new Error('The manifest does not match its checksum');
  return parseManifest(JSON.parse(inner));
}

/**
 * Reads the manifest in a file of either kind of name.
 * @throws {Error} when it is missing, damaged, of another generation than its name says, or cannot be read.
 */
export async function readManifest(directory: FileSystemDirectoryHandle, fileName: string): Promise<Manifest> {
  const text = await (await openFile(directory, fileName))?.text();
  if (text === undefined) throw new Error(`${fileName} is missing`);
  if (fileName === OLD_MANIFEST_NAME) return parseManifest(JSON.parse(text));
  const manifest = decodeManifest(text);
  if (manifest.generation !== generationOf(fileName)) throw new Error(`${fileName} is of another generation`);
  return manifest;
}

/** Stores a generation's manifest in one step: the files that it names then are a checkpoint. */
export async function writeManifest(
  directory: FileSystemDirectoryHandle,
  manifest: Manifest,
  subject: string,
): Promise<void> {
  await writeText(directory, manifestName(manifest.generation), encodeManifest(manifest), subject);
}

function measure(text: string) {
  const bytes = new TextEncoder().encode(text);
  return { lengthBytes: bytes.byteLength, crc32: new Crc32().update(bytes).value };
}
