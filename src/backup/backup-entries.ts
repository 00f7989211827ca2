/**
 * @file All that a backup holds, entry after entry, the manifest last.
 *
 * An entry's bytes must be read before the next entry is asked for: the manifest names what was read. A run is held while it
 * is read, so that nobody deletes or continues it meanwhile; one that is going is left out.
 */

import { Crc32 } from '../base/checksum';
import { encodeExactJson } from '../base/exact-json';
import { piecesToEnd } from '../base/stream-pieces';
import { StudioError } from '../domain/failure';
import { NETWORKS } from '../domain/network';
import { parseRunRecord } from '../domain/stored-run';
import type { RawRun } from '../storage/run-store';
import { encodeBackupManifest, type ManifestEntry } from './backup-manifest';
import { checkpointPath, isRunId, MANIFEST_PATH, pretrainedPath, QUEUE_PATH, recordPath } from './entry-path';

/** Where the contents come from. */
export interface BackedUpStores {
  runIds(): Promise<string[]>;
  /** Holds a run so that nobody changes it; null when it is going. @returns what lets it go */
  holdRun(runId: string): Promise<(() => void) | null>;
  readRun(runId: string): Promise<RawRun | null>;
  /** The files of the run's checkpoints. */
  checkpointFiles(runId: string): Promise<File[]>;
  /** The waiting runs, and how many others cannot be read. */
  readQueue(): Promise<{ items: readonly unknown[]; unreadable: number }>;
  /** The kept pretrained files that go along. */
  pretrainedFiles(): Promise<File[]>;
}

export interface BackupEntry {
  path: string;
  sizeBytes: number;
  pieces(): AsyncGenerator<Uint8Array>;
}

/** What became of it so far; whole once the last entry was read. */
export interface BackupTally {
  runs: number;
  doneBytes: number;
  /** Sentences about what is not in the backup. */
  leftOut: string[];
}

/** @throws {StudioError} `storage` when something stored cannot be read to its end */
export async function* backupEntries(
  stores: BackedUpStores,
  tally: BackupTally,
  createdAt: number,
): AsyncGenerator<BackupEntry> {
  const written: ManifestEntry[] = [];

  function entryOf(path: string, blob: Blob): BackupEntry {
    return {
      path,
      sizeBytes: blob.size,
      async *pieces() {
        const crc = new Crc32();
        for await (const piece of readFile(blob, path)) {
          crc.update(piece);
          yield piece;
          tally.doneBytes += piece.byteLength;
        }
        written.push({ path, sizeBytes: blob.size, crc32: crc.value });
      },
    };
  }

  for (const runId of await stores.runIds()) {
    const release = await stores.holdRun(runId);
    if (!release) {
      const name = nameOf(runId, await stores.readRun(runId));
      tally.leftOut.push(`${name} is going on and is not in the backup. Make another one when it has ended.`);
      continue;
    }
    try {
      const raw = await stores.readRun(runId);
      if (!raw) continue;
      const record = encodeRun(runId, raw);
      if (!record) {
        const sentence = `What is stored of ${nameOf(runId, raw)} cannot be written to a backup. Save it as JSON on the Compare screen.`;
        tally.leftOut.push(sentence);
        continue;
      }
      for (const file of await stores.checkpointFiles(runId)) yield entryOf(checkpointPath(runId, file.name), file);
      yield entryOf(recordPath(runId), record);
      tally.runs += 1;
    } finally {
      release();
    }
  }
  const { items, unreadable } = await stores.readQueue();
  if (items.length > 0) yield entryOf(QUEUE_PATH, new Blob([encodeExactJson(items)]));
  if (unreadable > 0) tally.leftOut.push('What waits in the queue and cannot be read is not in the backup.');
  for (const file of await stores.pretrainedFiles()) yield entryOf(pretrainedPath(file.name), file);
  const manifest = new Blob([encodeBackupManifest(written, createdAt)]);
  yield { path: MANIFEST_PATH, sizeBytes: manifest.size, pieces: () => readFile(manifest, MANIFEST_PATH) };
}

/** Null for what only another version of the program, or damage, can have stored. */
function encodeRun(runId: string, raw: RawRun): Blob | null {
  if (!isRunId(runId)) return null;
  try {
    return new Blob([encodeExactJson(raw)]);
  } catch {
    return null;
  }
}

/** `VGG16 on X-rays`, as far as it can be read. */
function nameOf(runId: string, raw: RawRun | null): string {
  try {
    const { recipe, dataset } = parseRunRecord(raw?.record);
    return `${NETWORKS[recipe.network].name} on ${dataset.name}`;
  } catch {
    return `run ${runId}`;
  }
}

/** @throws {StudioError} `storage` when the file is changed or removed meanwhile */
function readFile(blob: Blob, path: string): AsyncGenerator<Uint8Array> {
  return piecesToEnd(blob, (cause) => changed(path, cause));
}

function changed(path: string, cause: unknown): StudioError {
  const sentence = `The backup was not made: ${path} was changed or removed while it was read. Try again.`;
  return new StudioError('storage', sentence, { cause });
}
