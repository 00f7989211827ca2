/**
 * @file Restores a backup: the files of a run first, its record last, so that there is never half a run. What is stored stays
 * as it is.
 *
 * A restore that is killed leaves files without a record, which the sweep removes at the next start.
 */

import { parseExactJson } from '../base/exact-json';
import type { RestoredRun, RestoreReport } from '../domain/backup';
import { StudioError, toFailure } from '../domain/failure';
import { type NewQueueItem, parseQueueItem } from '../domain/queue';
import type { RawRun, RunStore } from '../storage/run-store';
import { isSameRun, type ReadRun, readBackedUpRun, underId } from './backed-up-run';
import type { BackupArchive } from './backup-archive';
import { type BackedUpRun, readContents } from './backup-contents';
import type { PlacedEntry } from './backup-manifest';
import { checkedPieces, readCheckedText } from './checked-pieces';

/** Where the contents go. */
export interface RestoredStores {
  runs: Pick<RunStore, 'readRaw' | 'add' | 'put'>;
  /** Runs work while nobody else trains, deletes or sweeps the run; null when somebody does. */
  whileAtRest<T>(runId: string, work: () => Promise<T>): Promise<T | null>;
  /** Stores a file of a run's checkpoint, whole or not at all. */
  writeCheckpointFile(runId: string, fileName: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  /** Removes all of a run's checkpoint; no error when there is none. */
  deleteCheckpoint(runId: string): Promise<void>;
  /** Why the stored weights of a run that has some cannot be used; null when they can. */
  findDamage(runId: string): Promise<string | null>;
  queuedIds(): Promise<ReadonlySet<string>>;
  appendToQueue(items: NewQueueItem[]): Promise<void>;
  isPretrainedKept(fileName: string): Promise<boolean>;
  /** Checks a pretrained file and keeps it under this official name. */
  keepPretrained(fileName: string, file: File): Promise<void>;
  newRunId(): string;
  /** What the browser still grants; null where it does not say. */
  freeBytes(): Promise<number | null>;
}

/** The longest record: some hundred thousand predictions. */
const MAX_RECORD_BYTES = 256 * 2 ** 20;
const MAX_QUEUE_BYTES = 16 * 2 ** 20;

/**
 * Restores all that is not here yet. An entry that is damaged is left out with a sentence, with its run; the other runs are
 * restored.
 * @param onBytes told how many bytes have been read
 * @throws {StudioError} `bad-input` when the backup does not fit together, `storage` when it does not fit on the disk, the
 * signal's reason when it was cancelled: what was restored until then stays.
 */
export async function restoreBackup(
  archive: BackupArchive,
  stores: RestoredStores,
  signal: AbortSignal,
  onBytes: (readBytes: number, totalBytes: number) => void,
): Promise<RestoreReport> {
  const contents = readContents(archive);
  const { totalBytes } = contents;
  const freeBytes = await stores.freeBytes();
  if (freeBytes !== null && totalBytes > freeBytes) throw noRoom(archive.name, totalBytes, freeBytes);
  const restoring = new Restoring(archive, stores, signal, (readBytes) => onBytes(readBytes, totalBytes));
  const runs: RestoredRun[] = [];
  for (const run of contents.runs) {
    runs.push(await restoring.run(run));
    restoring.passBy([run.record, ...run.files.map(({ entry }) => entry)]);
  }
  const known = new Set(contents.runs.map(({ runId }) => runId));
  const queue = contents.queue ? await restoring.queue(contents.queue, known) : { count: 0, sentence: null };
  if (contents.queue) restoring.passBy([contents.queue]);
  const pretrained: RestoreReport['pretrained'] = [];
  for (const { fileName, entry } of contents.pretrained) {
    pretrained.push(await restoring.pretrained(fileName, entry));
    restoring.passBy([entry]);
  }
  return { name: archive.name, runs, queue, pretrained };
}

class Restoring {
  private readBytes = 0;
  /** What has been read, or need not be. */
  private passedBytes = 0;

  constructor(
    private readonly archive: BackupArchive,
    private readonly stores: RestoredStores,
    private readonly signal: AbortSignal,
    private readonly onBytes: (readBytes: number) => void,
  ) {}

  async run({ runId, record: entry, files }: BackedUpRun): Promise<RestoredRun> {
    let read: ReadRun | null = null;
    try {
      const found = readBackedUpRun(await this.text(entry, MAX_RECORD_BYTES), runId, this.where(entry));
      read = found;
      return await this.atRest(runId, () => this.placeRun(found, runId, files));
    } catch (error) {
      this.signal.throwIfAborted();
      const { code, sentence } = toFailure(error);
      // A full disk is full for the other runs too.
      if (code !== 'bad-input' && code !== 'busy') throw error;
      return { ...describe(runId, read), outcome: 'refused', sentence };
    }
  }

  /** Beside what is stored, never in its place. */
  private async placeRun(read: ReadRun, runId: string, files: BackedUpRun['files']): Promise<RestoredRun> {
    const stored = await this.stores.runs.readRaw(runId);
    if (!stored) return this.addRun(read, runId, files, 'restored');
    if (!isSameRun(stored, read.raw)) {
      const otherId = this.stores.newRunId();
      return this.atRest(otherId, () => this.addRun(read, otherId, files, 'bothKept'));
    }
    const isWithout = hasDeletedWeights(stored) && !hasDeletedWeights(read.raw) && files.length > 0;
    return isWithout
      ? this.giveBackWeights(read, files)
      : { ...describe(runId, read), outcome: 'same', sentence: null };
  }

  private addRun(
    read: ReadRun,
    id: string,
    files: BackedUpRun['files'],
    outcome: RestoredRun['outcome'],
  ): Promise<RestoredRun> {
    return this.withFiles(id, files, async () => {
      if (!(await this.stores.runs.add(id, underId(read, id)))) throw inUse(id);
      return { ...describe(id, read), outcome, sentence: await this.damageOf(id, files) };
    });
  }

  private giveBackWeights({ raw, record }: ReadRun, files: BackedUpRun['files']): Promise<RestoredRun> {
    return this.withFiles(record.id, files, async () => {
      await this.stores.runs.put(record);
      return {
        ...describe(record.id, { raw, record }),
        outcome: 'weightsBack',
        sentence: await this.damageOf(record.id, files),
      };
    });
  }

  /** Stores the files, then does the rest; when anything fails, the files are removed again. */
  private async withFiles(
    id: string,
    files: BackedUpRun['files'],
    finish: () => Promise<RestoredRun>,
  ): Promise<RestoredRun> {
    try {
      // What a killed restore or training left there.
      await this.stores.deleteCheckpoint(id);
      for (const { fileName, entry } of files) {
        await this.stores.writeCheckpointFile(id, fileName, await this.pieces(entry));
      }
      return await finish();
    } catch (error) {
      await this.stores.deleteCheckpoint(id).catch(() => undefined);
      throw error;
    }
  }

  /** @throws {StudioError} busy when somebody else works on the run */
  private async atRest(runId: string, work: () => Promise<RestoredRun>): Promise<RestoredRun> {
    const outcome = await this.stores.whileAtRest(runId, work);
    if (!outcome) throw inUse(runId);
    return outcome;
  }

  private async damageOf(id: string, files: BackedUpRun['files']): Promise<string | null> {
    return files.length > 0 ? this.stores.findDamage(id) : null;
  }

  /** @param inBackup the runs of the backup: what waited to become or to continue one of them has nothing to wait for */
  async queue(entry: PlacedEntry, inBackup: ReadonlySet<string>): Promise<RestoreReport['queue']> {
    try {
      const stored = parseExactJson(await this.text(entry, MAX_QUEUE_BYTES));
      const items = (Array.isArray(stored) ? stored : []).map(parseQueueItem);
      const queued = await this.stores.queuedIds();
      const missing: NewQueueItem[] = [];
      for (const { schemaVersion, position, failure, ...item } of items) {
        const isRun = inBackup.has(item.id) || (await this.stores.runs.readRaw(item.id)) !== null;
        if (!isRun && !queued.has(item.id)) missing.push(item);
      }
      if (missing.length > 0) await this.stores.appendToQueue(missing);
      return { count: missing.length, sentence: null };
    } catch (error) {
      this.signal.throwIfAborted();
      const { code, sentence } = toFailure(error);
      if (code === 'storage') throw error;
      const reason = code === 'bad-input' ? sentence : `${this.where(entry)} cannot be read by this version of Thorax.`;
      return { count: 0, sentence: reason };
    }
  }

  async pretrained(fileName: string, entry: PlacedEntry): Promise<RestoreReport['pretrained'][number]> {
    try {
      if (await this.stores.isPretrainedKept(fileName)) return { fileName, outcome: 'same', sentence: null };
      for await (const _ of await this.pieces(entry));
      const file = await this.archive.open(entry);
      await this.stores.keepPretrained(fileName, new File([file], fileName));
      return { fileName, outcome: 'restored', sentence: null };
    } catch (error) {
      this.signal.throwIfAborted();
      const { code, sentence } = toFailure(error);
      if (code === 'storage') throw error;
      return { fileName, outcome: 'refused', sentence };
    }
  }

  private where({ path }: PlacedEntry): string {
    return `${this.archive.name}: its ${path}`;
  }

  private async text(entry: PlacedEntry, maxBytes: number): Promise<string> {
    this.signal.throwIfAborted();
    const text = await readCheckedText(this.archive.name, entry, await this.archive.open(entry), maxBytes);
    this.count(entry.sizeBytes);
    return text;
  }

  private async pieces(entry: PlacedEntry): Promise<AsyncIterable<Uint8Array>> {
    const file = await this.archive.open(entry);
    return this.counted(checkedPieces(this.archive.name, entry, file));
  }

  private async *counted(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.signal.throwIfAborted();
      yield piece;
      this.count(piece.byteLength);
    }
  }

  /** These entries are done with, read or not. */
  passBy(entries: readonly PlacedEntry[]): void {
    this.passedBytes += entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.readBytes = this.passedBytes;
    this.onBytes(this.readBytes);
  }

  private count(bytes: number): void {
    this.readBytes += bytes;
    this.onBytes(this.readBytes);
  }
}

function describe(runId: string, read: ReadRun | null): Pick<RestoredRun, 'runId' | 'network' | 'createdAt'> {
  return { runId, network: read?.record.recipe.network ?? null, createdAt: read?.record.createdAt ?? null };
}

function hasDeletedWeights({ record }: RawRun): boolean {
  return typeof record === 'object' && record !== null && 'weightsDeleted' in record && record.weightsDeleted === true;
}

function inUse(runId: string): StudioError {
  return new StudioError('busy', `Run ${runId} is being worked on in another tab. Restore again when that is done.`);
}

function noRoom(name: string, totalBytes: number, freeBytes: number): StudioError {
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MB`;
  const sentence = `${name} holds ${megabytes(totalBytes)}, and this browser grants ${megabytes(freeBytes)} more. Delete runs or free some disk space first.`;
  return new StudioError('storage', sentence);
}
