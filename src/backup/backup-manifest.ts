/** @file The manifest of a backup, its last entry: what the others are, how long, and their checksums. */

import * as v from 'valibot';
import { StudioError } from '../domain/failure';
import { type EntryPath, parseEntryPath } from './entry-path';

export const BACKUP_SCHEMA_VERSION = 1;
const FORMAT = 'thorax-backup';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const HeadSchema = v.object({ format: v.literal(FORMAT), schemaVersion: v.number() });

const ManifestSchema = v.object({
  /** Milliseconds since 1970. */
  createdAt: v.number(),
  entries: v.array(v.object({ path: v.string(), sizeBytes: count, crc32: count })),
});

export interface ManifestEntry {
  path: string;
  sizeBytes: number;
  crc32: number;
}

/** An entry whose path was read. */
export interface PlacedEntry extends ManifestEntry {
  place: Exclude<EntryPath, { kind: 'manifest' }>;
}

export interface BackupManifest {
  createdAt: number;
  entries: PlacedEntry[];
}

export function encodeBackupManifest(entries: readonly ManifestEntry[], createdAt: number): string {
  return JSON.stringify({ format: FORMAT, schemaVersion: BACKUP_SCHEMA_VERSION, createdAt, entries });
}

/**
 * @param name of the backup, for sentences
 * @throws {StudioError} `bad-input` when it is none, of a newer Thorax, or names an entry twice or outside of a backup.
 */
export function parseBackupManifest(text: string, name: string): BackupManifest {
  const value = parseJson(text);
  const head = v.safeParse(HeadSchema, value);
  if (!head.success) throw refused(`${name} is no backup of Thorax, or its list thorax-backup.json is damaged.`);
  if (head.output.schemaVersion > BACKUP_SCHEMA_VERSION) {
    throw refused(
      `${name} was written by a newer Thorax: its thorax-backup.json has version ${head.output.schemaVersion}. Restore it there.`,
    );
  }
  const manifest = v.safeParse(ManifestSchema, value);
  if (!manifest.success || head.output.schemaVersion !== BACKUP_SCHEMA_VERSION) {
    throw refused(`${name} cannot be restored: its list thorax-backup.json is damaged.`);
  }
  const { createdAt, entries } = manifest.output;
  return { createdAt, entries: placeEntries(entries, name) };
}

function placeEntries(entries: readonly ManifestEntry[], name: string): PlacedEntry[] {
  const seen = new Set<string>();
  return entries.map((entry) => {
    const place = parseEntryPath(entry.path);
    if (place === null || place.kind === 'manifest') throw strangeEntry(name, entry.path);
    if (seen.has(entry.path)) throw refused(`${name} cannot be restored: it has two entries ${entry.path}.`);
    seen.add(entry.path);
    return { ...entry, place };
  });
}

export function strangeEntry(name: string, path: string): StudioError {
  return refused(`${name} cannot be restored: it holds ${JSON.stringify(path)}, which no backup of Thorax holds.`);
}

export function refused(sentence: string, cause?: unknown): StudioError {
  return new StudioError('bad-input', sentence, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
