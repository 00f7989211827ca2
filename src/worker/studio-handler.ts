/** @file The studio worker's side of the protocol, as a class that knows no `self`: tests call it directly. */

import type { BackupReport, BackupRequest, BackupSource, RestoreReport } from '../domain/backup';
import type { DatasetSummary, PixelBatch } from '../domain/dataset';
import type { DeviceCapacity, DeviceKind, DeviceStatus } from '../domain/device';
import { type Reply, reply, StudioError, unwrap } from '../domain/failure';
import { runLock } from '../domain/lock-names';
import type { ModelReading } from '../domain/model-reading';
import type { NetworkId } from '../domain/network';
import type {
  AugmentationPreviewRequest,
  ExplainRequest,
  Explanation,
  ExportFormat,
  ImportModelRequest,
  ImportPhase,
  PixelSource,
  QueueEvent,
  RunEvent,
  RunRequest,
  StudioWorkerApi,
  SweptLeftovers,
  TransferProgress,
  WeightsStatus,
} from '../domain/protocol';
import type { NewQueueItem, QueueView } from '../domain/queue';
import { startsFromFile } from '../domain/recipe';
import type { RunRecord, WeightsKind } from '../domain/run';
import type { RunPart, StoredSizes } from '../domain/stored-sizes';
import { exportRun } from '../exchange/export-run';
import type { ReadForeignFile } from '../exchange/foreign-file';
import { fillWeights } from '../exchange/pretrained-weights';
import { importModel } from '../training/import-model';
import { openWeights } from '../training/open-weights';
import { previewAugmentation } from '../training/preview-augmentation';
import { RunControl } from '../training/run-control';
import type { RunDependencies } from '../training/run-parts';
import { RunQueue } from '../training/run-queue';
import { RunSession } from '../training/run-session';
import { BackupHandler } from './backup-handler';
import type { Device } from './device';
import { DeviceTurns } from './device-turns';
import { ExplainHandler } from './explain-handler';
import { StorageHandler } from './storage-handler';
import { findRun, type StudioStores } from './studio-stores';
import { WeightsHandler } from './weights-handler';

interface CurrentRun {
  runId: string;
  control: RunControl;
  /** The network whose weights file the run has still to read. */
  reads: NetworkId | null;
}

/** Trains, tests, explains, imports and exports. */
export class StudioHandler implements Omit<StudioWorkerApi, 'connectPixels' | 'holdLifeLock'> {
  private current: CurrentRun | null = null;
  private readonly turns: DeviceTurns;
  private readonly queue: RunQueue;
  private readonly weights: WeightsHandler;
  private readonly storage: StorageHandler;
  private readonly backup: BackupHandler;
  private readonly explanations: ExplainHandler;
  /** One export at a time: storage keeps one exported file. */
  private exporting = false;
  /** Those being computed; they are small and need no turn. */
  private readonly previews = new Set<Promise<unknown>>();
  /** GFLOP/s of a matrix product, measured once for each device. */
  private product: Promise<number | null> | null = null;

  /** @param startDevice the one that is asked for; without a word, the one that suits. */
  constructor(
    startDevice: (kind?: DeviceKind) => Promise<Device>,
    private readonly openStores: () => Promise<StudioStores>,
    private readonly pixels: PixelSource,
    private readonly readForeign: ReadForeignFile,
  ) {
    this.turns = new DeviceTurns(startDevice, async () => {
      this.product = null;
      this.explanations.clear();
      await Promise.allSettled(this.previews);
    });
    this.queue = new RunQueue(openStores, (request, onEvent) => this.startRun(request, onEvent));
    this.backup = new BackupHandler({
      openStores,
      readForeign,
      appendToQueue: (items) => this.queue.append(items),
      whileExporting: (work) => this.whileExporting(work),
    });
    this.weights = new WeightsHandler({
      openStores,
      readForeign,
      isRead: (network) => this.current?.reads === network,
    });
    this.explanations = new ExplainHandler({
      openStores,
      pixels,
      onDevice: (work) => this.turns.onDevice(work),
      isTraining: () => this.current !== null,
    });
    this.storage = new StorageHandler({
      openStores,
      isGoing: (runId) => this.current?.runId === runId,
      unload: (runId) => void this.turns.afterOthers(async () => this.explanations.drop(runId)),
    });
  }

  describeDevice(): Promise<Reply<DeviceStatus>> {
    return reply(async () => (await this.turns.device).status);
  }

  chooseDevice(kind: DeviceKind): Promise<Reply<DeviceStatus>> {
    return reply(async () => {
      if (this.current) {
        throw new StudioError('busy', 'A network is training. Another device can be chosen when the run has ended.');
      }
      return this.turns.change(kind);
    });
  }

  describeCapacity(): Promise<Reply<DeviceCapacity>> {
    return reply(async () => (await this.turns.device).capacity());
  }

  measureProduct(): Promise<Reply<number | null>> {
    return reply(async () => {
      if (!this.product && this.current) return null;
      this.product ??= this.turns.onDevice((device) => device.measureProduct()).catch(() => null);
      return this.product;
    });
  }

  listWeights(): Promise<Reply<WeightsStatus[]>> {
    return reply(() => this.weights.list());
  }

  importWeights(file: File): Promise<Reply<WeightsStatus>> {
    return reply(() => this.weights.import(file));
  }

  downloadWeights(network: NetworkId, onProgress: (progress: TransferProgress) => void): Promise<Reply<WeightsStatus>> {
    return reply(() => this.weights.download(network, onProgress));
  }

  removeWeights(network: NetworkId): Promise<Reply<WeightsStatus>> {
    return reply(() => this.weights.remove(network));
  }

  readModel(file: File): Promise<Reply<ModelReading>> {
    return reply(() => this.readForeign(file, (opened) => opened.readModel()));
  }

  importModel(request: ImportModelRequest, onPhase: (phase: ImportPhase) => void): Promise<Reply<RunRecord>> {
    return reply(async () => {
      const { runs, checkpoints, tabs } = await this.openStores();
      const dependencies = {
        runs,
        checkpoints,
        pixels: this.pixels,
        readForeign: this.readForeign,
        isTraining: () => this.current !== null,
        inTurn: <T>(work: (device: Device) => Promise<T>) =>
          this.turns.onDevice((device) => {
            this.explanations.clear();
            return work(device);
          }),
      };
      return tabs.hold(runLock(request.runId), () => importModel(request, dependencies, onPhase));
    });
  }

  exportRun(
    runId: string,
    weights: WeightsKind,
    format: ExportFormat,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<Reply<File>> {
    return reply(async () => {
      const stores = await this.openStores();
      return this.whileExporting(async () => {
        const record = await findRun(stores, runId);
        const { weights: source } = await openWeights(stores.checkpoints, record, weights);
        return exportRun(stores.exports, record, { kind: weights, source }, format, onProgress);
      });
    });
  }

  private async whileExporting<T>(work: () => Promise<T>): Promise<T> {
    if (this.exporting) throw new StudioError('busy', 'Another file is being written. Wait until it is done.');
    this.exporting = true;
    try {
      return await work();
    } finally {
      this.exporting = false;
    }
  }

  watchRuns(onEvent: (event: QueueEvent) => void): Promise<Reply<null>> {
    return done(() => this.queue.watch(onEvent));
  }

  enqueueRuns(items: NewQueueItem[]): Promise<Reply<null>> {
    return done(() => this.queue.append(items));
  }

  moveQueueItem(id: string, toPosition: number): Promise<Reply<null>> {
    return done(() => this.queue.move(id, toPosition));
  }

  removeQueueItem(id: string): Promise<Reply<null>> {
    return done(() => this.queue.remove(id));
  }

  readQueue(): Promise<Reply<QueueView>> {
    return reply(() => this.queue.read());
  }

  startQueue(dataset: DatasetSummary, retry: boolean): Promise<Reply<null>> {
    return done(() => this.queue.start(dataset, retry));
  }

  /** Trains, tests and stores one run; resolves when it has ended, however it ended. Called by the queue. */
  startRun(request: RunRequest, onEvent: (event: RunEvent) => void): Promise<Reply<RunRecord>> {
    return reply(async () => {
      if (this.current) throw new StudioError('busy', 'A network is already training. Stop it first, or wait.');
      const control = new RunControl();
      const { network } = request.recipe;
      const readsFile = startsFromFile(request.recipe) && !request.ancestor;
      const current: CurrentRun = {
        runId: request.runId,
        control,
        reads: readsFile ? network : null,
      };
      this.current = current;
      try {
        return await this.turns.afterOthers(() => this.train(request, current, onEvent));
      } finally {
        this.current = null;
      }
    });
  }

  private async train(
    request: RunRequest,
    current: CurrentRun,
    onEvent: (event: RunEvent) => void,
  ): Promise<RunRecord> {
    this.explanations.clear();
    const device = await this.turns.revive();
    device.forget();
    device.check();
    const { runs, checkpoints, pretrained } = await this.openStores();
    const dependencies: RunDependencies = {
      pixels: this.pixels,
      checkpoints,
      runs,
      findRun: (id) => runs.get(id),
      device,
      fillWeights: async (network, asked) => {
        const origin = await fillWeights(pretrained, network, asked, this.readForeign);
        current.reads = null;
        return origin;
      },
    };
    try {
      const detail = device.status.backend === 'webgpu' ? 'Finding the kernels that suit this GPU' : '';
      onEvent({ type: 'phaseChanged', phase: 'preparing', detail });
      await device.tuneKernels();
      const begin = request.start === 'checkpoint' ? RunSession.restore : RunSession.create;
      const session = await begin(request, dependencies, onEvent);
      // A restored run reads no weights file.
      current.reads = null;
      return await session.run(current.control);
    } finally {
      await device.rest();
    }
  }

  pauseRun(): Promise<Reply<null>> {
    return this.command((control) => control.pause());
  }

  resumeRun(): Promise<Reply<null>> {
    return this.command((control) => control.resume());
  }

  stopRun(): Promise<Reply<null>> {
    return done(() => {
      this.current?.control.stop();
      return this.queue.hold();
    });
  }

  measureStorage(): Promise<Reply<StoredSizes>> {
    return reply(() => this.storage.measure());
  }

  deleteRun(runId: string): Promise<Reply<null>> {
    return done(async () => {
      await this.storage.deleteRun(runId);
      // It may wait there to be continued.
      await this.queue.remove(runId);
    });
  }

  deleteRunPart(runId: string, part: RunPart): Promise<Reply<RunRecord>> {
    return reply(() => this.storage.deleteRunPart(runId, part));
  }

  backUp(request: BackupRequest, onProgress: (progress: TransferProgress) => void): Promise<Reply<BackupReport>> {
    return reply(() => this.backup.backUp(request, onProgress));
  }

  restoreBackup(source: BackupSource, onProgress: (progress: TransferProgress) => void): Promise<Reply<RestoreReport>> {
    return reply(() => this.backup.restore(source, onProgress));
  }

  cancelBackup(): Promise<Reply<null>> {
    return done(async () => this.backup.cancel());
  }

  sweepLeftovers(): Promise<Reply<SweptLeftovers>> {
    return reply(async () => (await this.openStores()).sweep());
  }

  previewAugmentation(request: AugmentationPreviewRequest): Promise<Reply<PixelBatch>> {
    return reply(async () => {
      await this.turns.usable();
      const { datasetId, path, size, interpolation } = request;
      const pixels = unwrap(await this.pixels.readPixels({ datasetId, paths: [path], size, interpolation }));
      const preview = previewAugmentation(pixels, request);
      this.previews.add(preview);
      return preview.finally(() => this.previews.delete(preview));
    });
  }

  explain(request: ExplainRequest): Promise<Reply<Explanation>> {
    return reply(() => this.explanations.explain(request));
  }

  private command(act: (control: RunControl) => void): Promise<Reply<null>> {
    return reply(() => {
      if (!this.current) throw new StudioError('not-found', 'Nothing is training.');
      act(this.current.control);
      return null;
    });
  }
}

/** For requests whose reply has no value. */
function done(work: () => Promise<void>): Promise<Reply<null>> {
  return reply(async () => {
    await work();
    return null;
  });
}
