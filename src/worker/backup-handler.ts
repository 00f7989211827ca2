/** @file The studio worker's requests about backups: one at a time, each with its progress, and cancelled by the person. */

import { openBackup } from '../backup/backup-archive';
import { type BackedUpStores, type BackupEntry, backupEntries } from '../backup/backup-entries';
import { zipPieces } from '../backup/backup-zip';
import { type RestoredStores, restoreBackup } from '../backup/restore-backup';
import { writePickedFile, writePickedFolder } from '../backup/write-places';
import { PROGRESS_INTERVAL_MS, withThrottle } from '../base/throttle';
import {
  type BackupReport,
  type BackupRequest,
  type BackupSource,
  type BackupTarget,
  backupName,
  type RestoreReport,
} from '../domain/backup';
import { StudioError, toFailure } from '../domain/failure';
import { runLock } from '../domain/lock-names';
import type { TransferProgress } from '../domain/protocol';
import type { NewQueueItem } from '../domain/queue';
import { WEIGHTS_KINDS } from '../domain/run';
import { PRETRAINED_FILES, pretrainedFileOf } from '../exchange/catalogue';
import type { ReadForeignFile } from '../exchange/foreign-file';
import { importWeights } from '../exchange/pretrained-weights';
import type { StudioStores } from './studio-stores';

export interface BackupNeeds {
  openStores: () => Promise<StudioStores>;
  readForeign: ReadForeignFile;
  appendToQueue: (items: NewQueueItem[]) => Promise<void>;
  /** The browser's storage keeps one file made for the person. @throws {StudioError} busy while another is written */
  whileExporting: <T>(work: () => Promise<T>) => Promise<T>;
}

type OnProgress = (progress: TransferProgress) => void;

export class BackupHandler {
  private going: AbortController | null = null;

  constructor(private readonly needs: BackupNeeds) {}

  /** @throws {StudioError} busy, cancelled, storage; nothing of the backup is left then */
  backUp({ target, withPretrained }: BackupRequest, onProgress: OnProgress): Promise<BackupReport> {
    return this.alone(async (signal) => {
      const stores = await this.needs.openStores();
      const source = backedUpStores(stores, withPretrained);
      const totalBytes = await totalOf(source);
      if (target.kind === 'download') await checkRoom(stores, totalBytes);
      const createdAt = Date.now();
      const tally = { runs: 0, doneBytes: 0, leftOut: [] };
      const entries = backupEntries(source, tally, createdAt);
      try {
        return await withThrottle(PROGRESS_INTERVAL_MS, onProgress, async (report) => {
          const watched = whileWanted(entries, signal, () =>
            report(() => ({ doneBytes: Math.min(tally.doneBytes, totalBytes), totalBytes })),
          );
          const written = await this.write(target, watched, createdAt);
          return { ...written, runCount: tally.runs, sizeBytes: tally.doneBytes, leftOut: tally.leftOut };
        });
      } finally {
        // Lets go of the run that was being read.
        await entries.return(undefined);
      }
    });
  }

  /** @throws {StudioError} bad-input, busy, cancelled, storage */
  restore(source: BackupSource, onProgress: OnProgress): Promise<RestoreReport> {
    return this.alone(async (signal) => {
      const stores = await this.needs.openStores();
      const archive = await openBackup(source);
      try {
        return await withThrottle(PROGRESS_INTERVAL_MS, onProgress, (report) =>
          restoreBackup(archive, this.restoredStores(stores), signal, (doneBytes, totalBytes) =>
            report(() => ({ doneBytes, totalBytes })),
          ),
        );
      } finally {
        stores.tabs.send('runsChanged');
      }
    });
  }

  cancel(): void {
    this.going?.abort(new StudioError('cancelled', 'It was cancelled.'));
  }

  private async alone<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.going) throw new StudioError('busy', 'Another backup or restore is going on. Wait until it is done.');
    this.going = new AbortController();
    try {
      return await work(this.going.signal);
    } finally {
      this.going = null;
    }
  }

  private async write(
    target: BackupTarget,
    entries: AsyncGenerator<BackupEntry>,
    createdAt: number,
  ): Promise<Pick<BackupReport, 'name' | 'file'>> {
    const name = backupName(createdAt);
    switch (target.kind) {
      case 'file':
        await writePickedFile(target.handle, zipPieces(entries, createdAt));
        return { name: target.handle.name, file: null };
      case 'folder':
        await writePickedFolder(target.handle, name, entries);
        return { name: `${target.handle.name}/${name}`, file: null };
      case 'download':
        return this.needs.whileExporting(async () => {
          const { exports } = await this.needs.openStores();
          const file = await exports.write(`${name}.zip`, zipPieces(entries, createdAt), 'The backup');
          return { name: file.name, file };
        });
      default:
        return target satisfies never;
    }
  }

  private restoredStores(stores: StudioStores): RestoredStores {
    const { runs, queue, tabs, checkpoints, runFiles, pretrained } = stores;
    return {
      runs,
      whileAtRest: (runId, work) => tabs.holdIfFree(runLock(runId), work),
      writeCheckpointFile: (runId, fileName, pieces) => runFiles.write(runId, fileName, pieces),
      deleteCheckpoint: (runId) => checkpoints.delete(runId),
      findDamage: async (runId) => {
        for (const kind of WEIGHTS_KINDS) {
          try {
            await checkpoints.open(runId, kind);
          } catch (error) {
            const { code, sentence } = toFailure(error);
            if (code !== 'not-found') return sentence;
          }
        }
        return null;
      },
      queuedIds: async () => new Set((await queue.list()).items.map(({ id }) => id)),
      appendToQueue: this.needs.appendToQueue,
      isPretrainedKept: async (fileName) => (await pretrained.describe(fileName)) !== null,
      keepPretrained: (fileName, file) => this.keepPretrained(stores, fileName, file),
      newRunId: () => crypto.randomUUID(),
      freeBytes: stores.freeBytes,
    };
  }

  /** As if it had been dropped; a file of another network than its name says would replace that network's. */
  private async keepPretrained({ pretrained }: StudioStores, fileName: string, file: File): Promise<void> {
    const network = await this.needs.readForeign(file, (opened) => opened.identifyBase());
    if (pretrainedFileOf(network)?.fileName !== fileName) {
      throw new StudioError('bad-weights', `${fileName} holds the weights of another network. It is left out.`);
    }
    await importWeights(pretrained, file, this.needs.readForeign);
  }
}

function backedUpStores(
  { runs, queue, tabs, runFiles, pretrained }: StudioStores,
  withPretrained: boolean,
): BackedUpStores {
  return {
    runIds: async () => [...(await runs.ids())],
    holdRun: (runId) => tabs.takeShared(runLock(runId)),
    readRun: (runId) => runs.readRaw(runId),
    checkpointFiles: (runId) => runFiles.list(runId),
    readQueue: () => queue.list(),
    pretrainedFiles: async () => {
      if (!withPretrained) return [];
      const files = await Promise.all(PRETRAINED_FILES.map(({ fileName }) => pretrained.open(fileName)));
      return files.filter((file) => file !== null);
    },
  };
}

/** Records are small beside weights, and not counted. */
async function totalOf(source: BackedUpStores): Promise<number> {
  const files = await source.pretrainedFiles();
  for (const runId of await source.runIds()) files.push(...(await source.checkpointFiles(runId)));
  return files.reduce((sum, { size }) => sum + size, 0);
}

async function checkRoom(stores: StudioStores, totalBytes: number): Promise<void> {
  const freeBytes = await stores.freeBytes();
  if (freeBytes === null || totalBytes <= freeBytes) return;
  const sentence =
    'The backup has to be made in the browser’s own storage here, and that is too full for it. Delete weights or runs first, or open the studio in a browser that can write to a folder.';
  throw new StudioError('storage', sentence);
}

/** The same entries, until the person cancels. */
async function* whileWanted(
  entries: AsyncIterable<BackupEntry>,
  signal: AbortSignal,
  onPiece: () => void,
): AsyncGenerator<BackupEntry> {
  for await (const { path, sizeBytes, pieces } of entries) {
    yield {
      path,
      sizeBytes,
      async *pieces() {
        for await (const piece of pieces()) {
          signal.throwIfAborted();
          yield piece;
          onPiece();
        }
      },
    };
  }
}
