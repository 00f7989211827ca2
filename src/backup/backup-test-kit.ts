/** @file Backups for tests: a project in memory, zip files of any entries, and manifests for them. For tests only. */

import { makeZip } from 'client-zip';
import { Crc32 } from '../base/checksum';
import type { NewQueueItem, QueueItem } from '../domain/queue';
import { WEIGHTS_KINDS } from '../domain/run';
import { parseRunRecord } from '../domain/stored-run';
import type { RawRun } from '../storage/run-store';
import type { BackedUpStores } from './backup-entries';
import { encodeBackupManifest } from './backup-manifest';
import { MANIFEST_PATH } from './entry-path';
import type { RestoredStores } from './restore-backup';

/** A project whose stores are maps. */
export class MemoryProject {
  readonly runs = new Map<string, RawRun>();
  readonly files = new Map<string, Map<string, Uint8Array<ArrayBuffer>>>();
  readonly queue: (QueueItem | NewQueueItem)[] = [];
  readonly pretrained = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Runs that somebody works on. */
  readonly held = new Set<string>();
  free: number | null = null;

  addRun(raw: RawRun & { record: { id: string } }, files: Record<string, string> = {}): void {
    this.runs.set(raw.record.id, raw);
    const bytes = Object.entries(files).map(([name, text]) => [name, encode(text)] as const);
    if (bytes.length > 0) this.files.set(raw.record.id, new Map(bytes));
  }

  /** The texts of a run's files. */
  filesOf(runId: string): Record<string, string> {
    const files = [...(this.files.get(runId) ?? [])];
    return Object.fromEntries(files.map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
  }

  readonly source: BackedUpStores = {
    runIds: async () => [...this.runs.keys()],
    holdRun: async (runId) => {
      if (this.held.has(runId)) return null;
      this.held.add(runId);
      return () => void this.held.delete(runId);
    },
    readRun: async (runId) => this.runs.get(runId) ?? null,
    checkpointFiles: async (runId) =>
      [...(this.files.get(runId) ?? [])].map(([name, bytes]) => new File([bytes], name)),
    readQueue: async () => ({ items: this.queue, unreadable: 0 }),
    pretrainedFiles: async () => [...this.pretrained].map(([name, bytes]) => new File([bytes], name)),
  };

  private nextId = 0;

  readonly target: RestoredStores = {
    runs: {
      readRaw: async (id) => this.runs.get(id) ?? null,
      add: async (id, raw) => {
        if (this.runs.has(id)) return false;
        this.runs.set(id, structuredClone(raw));
        return true;
      },
      put: async (record) => {
        this.runs.set(record.id, { record, predictions: this.runs.get(record.id)?.predictions ?? [] });
      },
    },
    whileAtRest: async (runId, work) => (this.held.has(runId) ? null : work()),
    writeCheckpointFile: async (runId, fileName, pieces) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const piece of pieces) parts.push(new Uint8Array(piece));
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      const files = this.files.get(runId) ?? new Map<string, Uint8Array<ArrayBuffer>>();
      this.files.set(runId, files.set(fileName, bytes));
    },
    deleteCheckpoint: async (runId) => void this.files.delete(runId),
    findDamage: async () => null,
    queuedIds: async () => new Set(this.queue.map(({ id }) => id)),
    appendToQueue: async (items) => void this.queue.push(...items),
    isPretrainedKept: async (fileName) => this.pretrained.has(fileName),
    keepPretrained: async (fileName, file) => {
      this.pretrained.set(fileName, new Uint8Array(await file.arrayBuffer()));
    },
    newRunId: () => {
      this.nextId += 1;
      return `new-${this.nextId}`;
    },
    freeBytes: async () => this.free,
  };

  /** The runs as records, by id. */
  records() {
    return new Map([...this.runs].map(([id, { record }]) => [id, parseRunRecord(record)]));
  }
}

/** Rows of predictions for both sets of weights. */
export function predictionRows(runId: string) {
  const predictions = [{ path: 'a.png', classIndex: 0, probabilities: [0.25, Number.NaN] }];
  return WEIGHTS_KINDS.map((weights) => ({ runId, split: 'test', weights, predictions }));
}

export interface PackedEntry {
  path: string;
  text: string;
}

/** The manifest of these entries. */
export function manifestOf(entries: readonly PackedEntry[]): PackedEntry {
  const listed = entries.map(({ path, text }) => {
    const bytes = encode(text);
    return { path, sizeBytes: bytes.byteLength, crc32: new Crc32().update(bytes).value };
  });
  return { path: MANIFEST_PATH, text: encodeBackupManifest(listed, 0) };
}

/** A zip file of exactly these entries. */
export async function zipOf(entries: readonly PackedEntry[]): Promise<File> {
  const stream = makeZip(entries.map(({ path, text }) => ({ name: path, input: text, lastModified: new Date(0) })));
  return new File([await new Response(stream).blob()], 'backup.zip');
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
