/**
 * @file The messages between the page and its two workers: two interfaces and the plain data that crosses.
 *
 * The dataset worker owns files and pixels; the studio worker owns the device. The page hands each a port to the other, so
 * pixels never pass through the page. Calls go over Comlink; every method returns a {@link Reply}, so a failure
 * keeps its code and its sentence. Requests are imperatives, events past tense.
 */

import type { BackupReport, BackupRequest, BackupSource, RestoreReport } from './backup';
import type {
  DatasetImage,
  DatasetProblem,
  DatasetProgress,
  DatasetSummary,
  Interpolation,
  PixelBatch,
} from './dataset';
import type { DeviceCapacity, DeviceKind, DeviceStatus } from './device';
import type { Reply } from './failure';
import type { InputScaling } from './input-scaling';
import type { ModelReading } from './model-reading';
import type { NetworkId } from './network';
import type { NewQueueItem, QueueItem, QueueView } from './queue';
import type { AugmentationSettings, Recipe } from './recipe';
import type { Ancestor, EpochLog, RunRecord, WeightsKind } from './run';
import type { Split } from './split';
import type { RunPart, StoredSizes } from './stored-sizes';

// Dataset worker

/** Where a dataset comes from: directory handles (drop, picker), or files with relative paths (the fallback input). */
export type DatasetSource =
  | { kind: 'directories'; name: string; handles: FileSystemDirectoryHandle[] }
  | { kind: 'files'; name: string; files: { path: string; file: File }[] };

export interface PixelRequest {
  datasetId: string;
  paths: string[];
  /** Side of the square the pixels are brought to. */
  size: number;
  interpolation: Interpolation;
}

/** Which images of a dataset; a field that is left out restricts nothing. */
export interface ImageQuery {
  split?: Split;
  /** At most this many images per class, the first ones. */
  perClass?: number;
}

/** The part of the dataset worker that the studio worker uses, over a port of its own. */
export interface PixelSource {
  /** The usable images of an open dataset, in their order. Fails as `not-found` when it is no longer open. */
  listImages(datasetId: string, query?: ImageQuery): Promise<Reply<DatasetImage[]>>;
  /**
   * Keeps a dataset open until {@link PixelSource.releaseDataset}, whatever else is opened meanwhile. One call per holder is
   * enough. When {@link DatasetWorkerApi.servePixels} replaces the port, its datasets are released.
   * @param holder names who needs it: a run's id.
   */
  holdDataset(datasetId: string, holder: string): Promise<Reply<null>>;
  releaseDataset(datasetId: string, holder: string): Promise<Reply<null>>;
  /** Decodes, or takes from the cache; in the order of `paths`. */
  readPixels(request: PixelRequest): Promise<Reply<PixelBatch>>;
  /** Decodes one file that belongs to no dataset. */
  decodeFile(file: File, size: number, interpolation: Interpolation): Promise<Reply<PixelBatch>>;
}

export interface RgbaImage {
  /** RGBA, row-major, 0..255. */
  data: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

/** Lets the page notice the end of a worker, which no event reports. */
export interface MortalWorker {
  /** Resolves once the worker holds the lock of this name. The worker holds it until it ends. */
  holdLifeLock(lockName: string): Promise<Reply<null>>;
}

export interface DatasetWorkerApi extends PixelSource, MortalWorker {
  /** Serves {@link PixelSource} on this port. It replaces an earlier port, whose worker was started again. */
  servePixels(port: MessagePort): void;
  /**
   * Lists a folder, recognises its layout and labels every image. Fails with a sentence when nothing can be made of it or
   * no image is in it; the dataset that was open before stays open. Replaces an opening that is still in progress,
   * which fails as `cancelled`.
   */
  openDataset(source: DatasetSource, onProgress: (progress: DatasetProgress) => void): Promise<Reply<DatasetSummary>>;
  /** Draws the sample phantoms into the origin-private file system (once), then opens that folder like any other. */
  openSample(onProgress: (progress: DatasetProgress) => void): Promise<Reply<DatasetSummary>>;
  /** Ends the opening in progress, if any; it fails as `cancelled`. */
  cancelOpening(): Promise<Reply<null>>;
  /**
   * Decodes every image that no earlier check has decoded. Returns the summary without the images that cannot be used, each
   * of which is named among the problems.
   */
  checkDataset(
    datasetId: string,
    onProgress: (progress: DatasetProgress & { found: DatasetProblem[] }) => void,
  ): Promise<Reply<DatasetSummary>>;
  /** Ends the checks of a dataset in progress, if any; they fail as `cancelled`. */
  cancelCheck(datasetId: string): Promise<Reply<null>>;
  /** The image scaled down to fit `maxSide`, aspect kept, for thumbnails and previews. */
  readImage(datasetId: string, path: string, maxSide: number): Promise<Reply<RgbaImage>>;
  /** The same for a file that belongs to no dataset. */
  readFileImage(file: File, maxSide: number): Promise<Reply<RgbaImage>>;
}

// Studio worker

export interface WeightsStatus {
  network: NetworkId;
  /** Official file name, for example `vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5`. */
  fileName: string;
  /** Where a person can download it. */
  url: string;
  /** True when a checked copy is in the origin-private file system. */
  present: boolean;
  /** That copy; set whenever `present` is true. */
  kept?: KeptFile;
}

export interface KeptFile {
  /** The imported file's name; null for files kept before names were stored. */
  name: string | null;
  sizeBytes: number;
  /** True for the exact file that Keras publishes. For files kept before this was recorded, the length decides. */
  official: boolean;
}

export interface RunRequest {
  runId: string;
  /** Left out, the run is new. */
  start?: QueueItem['start'];
  recipe: Recipe;
  /** The run whose weights this one begins with; left out, it begins as its recipe says. */
  ancestor?: Ancestor;
  dataset: DatasetSummary;
}

export type RunPhase = 'preparing' | 'training' | 'validating' | 'saving' | 'testing';

export type RunEvent =
  | { type: 'runStarted'; record: RunRecord }
  /** The run goes on after this many whole epochs, and steps of the next; `notes` are sentences for the person. */
  | { type: 'runRestored'; epoch: number; step: number; notes: string[] }
  | { type: 'phaseChanged'; phase: RunPhase; detail: string }
  | {
      type: 'batchEnded';
      /** Counted from 1. */
      epoch: number;
      batch: number;
      batchCount: number;
      /** Means over the epoch's samples so far. */
      loss: number;
      accuracy: number;
      imagesPerSecond: number;
      /** Billions of operations per second over the recent batches, by the benchmark's arithmetic; null before the second. */
      gflops: number | null;
      /** Bytes of the device's memory in use now, and the most so far; null where nobody counts them. */
      memory: { bytes: number; peakBytes: number } | null;
      /** Estimated from the steps so far; null before the first. */
      timeLeftMs: number | null;
    }
  | {
      type: 'epochEnded';
      log: EpochLog;
      bestEpoch: number | null;
      timeMs: number;
      /** The sentence of the collapse alert; null while the run learns. */
      collapse: string | null;
    }
  /** A checkpoint is stored: from here the run can be continued. */
  | { type: 'checkpointSaved' }
  /** A checkpoint could not be stored, and why; the run goes on, and what was stored before stays. */
  | { type: 'checkpointNotStored'; sentence: string }
  /** The current record could not be stored, and why; the run goes on. */
  | { type: 'recordNotStored'; sentence: string }
  | { type: 'runPaused' }
  | { type: 'runResumed' }
  | { type: 'runEnded'; record: RunRecord };

/** What the studio worker reports to its page about the queue and the current run. */
export type QueueEvent =
  | { type: 'queueChanged'; queue: QueueView }
  /** The item left the queue: its run starts. */
  | { type: 'runTaken'; item: QueueItem }
  | { type: 'runProgressed'; runId: string; event: RunEvent }
  /**
   * The run ended in any way: its final record, or why there is none.
   * @param continues it lost its device, and goes on from its last checkpoint with a new one
   */
  | { type: 'runClosed'; runId: string; outcome: Reply<RunRecord>; continues: boolean }
  /** Another tab has deleted stored runs, or parts of them, or restored some. */
  | { type: 'runsChanged' }
  /** The queue itself could not be read or changed. */
  | { type: 'queueFailed'; sentence: string };

export interface AugmentationPreviewRequest {
  datasetId: string;
  /** The image's path in the dataset. */
  path: string;
  size: number;
  interpolation: Interpolation;
  augmentation: AugmentationSettings;
  seed: number;
  /** How many random transforms. */
  count: number;
}

export interface ExplainRequest {
  runId: string;
  weights: WeightsKind;
  file: File;
  /** Null: the class the network itself finds most probable. */
  classIndex: number | null;
}

export interface Explanation {
  runId: string;
  network: NetworkId;
  classNames: string[];
  /** Softmax output, in the order of `classNames`. */
  probabilities: number[];
  classIndex: number;
  /** The feature map the gradient was taken at. */
  layer: { name: string; height: number; width: number };
  /** Set when the network's last feature map is a single point at this input size, so an earlier one was used. */
  layerNote: string | null;
  /** Grad-CAM as computed, `[layer.height, layer.width]`, row-major; all zeros when no evidence supports the class. */
  map: Float32Array<ArrayBuffer>;
}

/** `keras-h5`: what Keras' `load_model` reads. `tfjs`: a zip file of what `tf.loadLayersModel` reads. */
export type ExportFormat = 'keras-h5' | 'tfjs';

export interface TransferProgress {
  doneBytes: number;
  totalBytes: number;
}

/** What the sweep removed: leftovers of interrupted work. */
export interface SweptLeftovers {
  count: number;
  sizeBytes: number;
}

export interface ImportModelRequest {
  /** Id of the new run. */
  runId: string;
  /** A whole model saved by Keras: `.h5`, `.weights.h5` or `.keras`. */
  file: File;
  /** Its classes are the model's outputs, in their order; its test split is what the model is tested on. */
  dataset: DatasetSummary;
  /** Side of the square input, pixels, where the file leaves it open; null where the file states it. */
  inputSize: number | null;
  /** What the first layer gets from pixels, where the file does not state it. */
  assumedScaling: InputScaling;
}

/** `waiting`: everything is read and stored, and the test waits until the device is free. */
export type ImportPhase = 'reading' | 'waiting' | 'testing';

export interface StudioWorkerApi extends MortalWorker {
  /** Connects the port to the dataset worker. Called again after that worker was restarted. */
  connectPixels(port: MessagePort): void;
  /** What computes, once it has started. Fails as `no-gpu` when nothing can, or not what the address asks for. */
  describeDevice(): Promise<Reply<DeviceStatus>>;
  /**
   * Computes on another device from now on; what lies on the old one is freed. Fails as `busy` while a run is going, and
   * with a sentence where the device cannot be started; the old one goes on then.
   */
  chooseDevice(kind: DeviceKind): Promise<Reply<DeviceStatus>>;
  /** How much the device allows, and what it has been seen to hold so far. */
  describeCapacity(): Promise<Reply<DeviceCapacity>>;
  /**
   * GFLOP/s of the best of a few matrix products, measured once in some tens of milliseconds. Null where it cannot be
   * timed. Null also during training, because each would slow the other down.
   */
  measureProduct(): Promise<Reply<number | null>>;
  listWeights(): Promise<Reply<WeightsStatus[]>>;
  /**
   * Checks a Keras `.h5` against the network it fits and keeps a copy. Fails with a sentence; nothing is half-kept. While
   * a run reads the kept file, an import or a download waits before it replaces that file.
   */
  importWeights(file: File): Promise<Reply<WeightsStatus>>;
  /**
   * Fetches a network's official file through the page's own origin, or from where Keras publishes it when the studio
   * is served by a plain web server; checks it and keeps it. An interrupted download goes on where it stopped.
   */
  downloadWeights(network: NetworkId, onProgress: (progress: TransferProgress) => void): Promise<Reply<WeightsStatus>>;
  /**
   * Removes the kept weights file of a network and any unfinished download of it. Fails as `busy` while the
   * run that is being prepared reads the file, and while the download is in progress.
   */
  removeWeights(network: NetworkId): Promise<Reply<WeightsStatus>>;
  /**
   * Reads which network a whole trained model is and what its file leaves open. Fails with a sentence that names the layer
   * that differs, what was found and what is expected.
   */
  readModel(file: File): Promise<Reply<ModelReading>>;
  /**
   * Imports a whole trained model as a finished run without epochs: recognised, stored and tested. While a network trains,
   * the test waits. Fails with a sentence that names every layer that does not fit; nothing is half-kept.
   */
  importModel(request: ImportModelRequest, onPhase: (phase: ImportPhase) => void): Promise<Reply<RunRecord>>;
  /** Writes a run's model to a file on disk for the page to save. The file lasts until the next export. */
  exportRun(
    runId: string,
    weights: WeightsKind,
    format: ExportFormat,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<Reply<File>>;
  /** The page's one subscription to queue and run. The first event is the current queue. */
  watchRuns(onEvent: (event: QueueEvent) => void): Promise<Reply<null>>;
  /**
   * Stores runs in the queue: new ones at its end, those that are continued at its front. They wait until {@link startQueue}
   * names their dataset.
   */
  enqueueRuns(items: NewQueueItem[]): Promise<Reply<null>>;
  /** @param toPosition counted from 0 among the waiting items. */
  moveQueueItem(id: string, toPosition: number): Promise<Reply<null>>;
  /** Fails as `busy` when the item's run has started meanwhile. */
  removeQueueItem(id: string): Promise<Reply<null>>;
  readQueue(): Promise<Reply<QueueView>>;
  /**
   * Trains the items that wait for this dataset or for one named before, one after another. While another tab does so, this
   * tab waits and goes on when the other has ended.
   * @param retry also items that could not be started before.
   */
  startQueue(dataset: DatasetSummary, retry: boolean): Promise<Reply<null>>;
  /** These three act within one batch. */
  pauseRun(): Promise<Reply<null>>;
  resumeRun(): Promise<Reply<null>>;
  /** Ends the current run and holds the queue: the waiting items stay in it. */
  stopRun(): Promise<Reply<null>>;
  /** What the studio stores on disk, part by part. */
  measureStorage(): Promise<Reply<StoredSizes>>;
  /** Removes a run's record and checkpoints. Fails as `busy` while the run goes on, here or in another tab. */
  deleteRun(runId: string): Promise<Reply<null>>;
  /** Removes a part of a run's checkpoints and keeps its record. Fails as {@link StudioWorkerApi.deleteRun} does. */
  deleteRunPart(runId: string, part: RunPart): Promise<Reply<RunRecord>>;
  /**
   * Copies all records, predictions, weights and the queue to where the person wants them. Fails as `cancelled` after
   * {@link StudioWorkerApi.cancelBackup}, and as `busy` while another backup or restore is going; nothing is left of it then.
   */
  backUp(request: BackupRequest, onProgress: (progress: TransferProgress) => void): Promise<Reply<BackupReport>>;
  /**
   * Adds what a backup holds to what is stored; nothing stored is replaced. Fails with a sentence that names the entry when
   * the backup does not fit together; what alone is damaged is left out and named in the report.
   */
  restoreBackup(source: BackupSource, onProgress: (progress: TransferProgress) => void): Promise<Reply<RestoreReport>>;
  /** Ends the backup or restore in progress, if any; it fails as `cancelled`. */
  cancelBackup(): Promise<Reply<null>>;
  /** Removes leftovers of interrupted work: files that belong to no stored run. Called once at the start. */
  sweepLeftovers(): Promise<Reply<SweptLeftovers>>;
  /** `count` random transforms as training would make them: RGB bytes, the plain image first. */
  previewAugmentation(request: AugmentationPreviewRequest): Promise<Reply<PixelBatch>>;
  explain(request: ExplainRequest): Promise<Reply<Explanation>>;
}
