/**
 * @file The requests of the dataset worker, as a class that knows no `self`: tests call it directly.
 */

import * as Comlink from 'comlink';
import { PROGRESS_INTERVAL_MS, withThrottle } from '../base/throttle';
import { isReadFailure } from '../dataset/folder/read-failure';
import { decodeImage } from '../dataset/images/decode-image';
import { ImageFault } from '../dataset/images/image-fault';
import { type Raster, resizeRaster } from '../dataset/images/resize';
import { mapConcurrently } from '../dataset/images/work-gate';
import { OpenDataset } from '../dataset/open-dataset';
import { DEFAULT_BUDGET_BYTES, PixelCache } from '../dataset/pixel-cache';
import { prepareSampleFolder, SAMPLE_IMAGE_COUNT, SAMPLE_NAME } from '../dataset/sample/sample-folder';
import type {
  DatasetImage,
  DatasetProblem,
  DatasetProgress,
  DatasetSummary,
  Interpolation,
  PixelBatch,
} from '../domain/dataset';
import { type Reply, reply, StudioError } from '../domain/failure';
import type {
  DatasetSource,
  DatasetWorkerApi,
  ImageQuery,
  PixelRequest,
  PixelSource,
  RgbaImage,
} from '../domain/protocol';

/**
 * How many images the kept datasets have in all, apart from those that a run holds; about a kilobyte of memory each. A kept
 * dataset opens again without being listed, and queued runs find their images.
 */
const IMAGES_KEPT = 200_000;
/** Files read at once; `decodeImage` decides how many are decoded at once. */
const READ_AT_ONCE = 6;

export interface DatasetHandlerOptions {
  /** Memory for decoded pixels. */
  budgetBytes?: number;
  /** Of datasets that no run holds. The newest is kept whatever its size; the longest unused is dropped first. */
  imagesKept?: number;
  /** Where the sample dataset is kept. */
  openRoot: () => Promise<FileSystemDirectoryHandle>;
}

/** Opens, checks and reads datasets. */
export class DatasetHandler implements Omit<DatasetWorkerApi, 'holdLifeLock'> {
  /** By id, the most recently used last. */
  private readonly datasets = new Map<string, OpenDataset>();
  /** The runs that need a dataset, by its id; it is not dropped meanwhile. */
  private readonly holders = new Map<string, Set<string>>();
  private opening: { controller: AbortController; settled: Promise<unknown> } | null = null;
  private readonly checks = new Set<{ datasetId: string; controller: AbortController }>();
  private readonly cache: PixelCache;
  private readonly openRoot: () => Promise<FileSystemDirectoryHandle>;

  private readonly imagesKept: number;

  constructor({ budgetBytes = DEFAULT_BUDGET_BYTES, imagesKept = IMAGES_KEPT, openRoot }: DatasetHandlerOptions) {
    this.cache = new PixelCache(budgetBytes);
    this.imagesKept = imagesKept;
    this.openRoot = openRoot;
  }

  servePixels(port: MessagePort): void {
    this.holders.clear();
    const pixels: PixelSource = {
      listImages: (datasetId, query) => this.listImages(datasetId, query),
      holdDataset: (datasetId, holder) => this.holdDataset(datasetId, holder),
      releaseDataset: (datasetId, holder) => this.releaseDataset(datasetId, holder),
      readPixels: (request) => this.readPixels(request),
      decodeFile: (file, size, interpolation) => this.decodeFile(file, size, interpolation),
    };
    Comlink.expose(pixels, port);
  }

  openDataset(source: DatasetSource, onProgress: (progress: DatasetProgress) => void): Promise<Reply<DatasetSummary>> {
    return this.openAlone((signal) => OpenDataset.open(source, false, onProgress, signal));
  }

  openSample(onProgress: (progress: DatasetProgress) => void): Promise<Reply<DatasetSummary>> {
    return this.openAlone(async (signal) => {
      const dataset = await this.readSample(onProgress, false, signal);
      const whole = dataset?.listImages().length === SAMPLE_IMAGE_COUNT;
      // Part of the browser's storage was cleared: the sample is drawn again.
      const sample = dataset !== null && whole ? dataset : await this.readSample(onProgress, true, signal);
      if (sample === null) throw new StudioError('storage', 'The sample dataset was written but cannot be read back.');
      return sample;
    });
  }

  cancelOpening(): Promise<Reply<null>> {
    return reply(() => {
      this.opening?.controller.abort(new StudioError('cancelled', 'Opening the folder was cancelled.'));
      return null;
    });
  }

  checkDataset(
    datasetId: string,
    onProgress: (progress: DatasetProgress & { found: DatasetProblem[] }) => void,
  ): Promise<Reply<DatasetSummary>> {
    return reply(async () => {
      const dataset = this.find(datasetId);
      const controller = new AbortController();
      const check = { datasetId, controller };
      this.checks.add(check);
      try {
        return await dataset.check(onProgress, controller.signal);
      } finally {
        this.checks.delete(check);
      }
    });
  }

  cancelCheck(datasetId: string): Promise<Reply<null>> {
    return reply(() => {
      for (const check of this.checks) {
        if (check.datasetId !== datasetId) continue;
        check.controller.abort(new StudioError('cancelled', 'The check of the images was cancelled.'));
      }
      return null;
    });
  }

  listImages(datasetId: string, query?: ImageQuery): Promise<Reply<DatasetImage[]>> {
    return reply(() => this.find(datasetId).listImages(query));
  }

  holdDataset(datasetId: string, holder: string): Promise<Reply<null>> {
    return reply(() => {
      this.find(datasetId);
      this.holders.set(datasetId, (this.holders.get(datasetId) ?? new Set()).add(holder));
      return null;
    });
  }

  releaseDataset(datasetId: string, holder: string): Promise<Reply<null>> {
    return reply(() => {
      const holders = this.holders.get(datasetId);
      holders?.delete(holder);
      if (holders?.size === 0) this.holders.delete(datasetId);
      return null;
    });
  }

  async readPixels({ datasetId, paths, size, interpolation }: PixelRequest): Promise<Reply<PixelBatch>> {
    const outcome = await reply(async () => {
      const dataset = this.find(datasetId);
      const imageBytes = checkedSize(size) ** 2 * 3;
      const data = new Uint8Array(paths.length * imageBytes);
      await mapConcurrently(paths, READ_AT_ONCE, async (path, i) => {
        // A file changed in place keeps the dataset's id when name and size are the same.
        const key = `${datasetId} ${size} ${interpolation} ${dataset.lastModified(path)} ${path}`;
        let pixels = this.cache.get(key);
        if (pixels === undefined) {
          const file = await dataset.readFile(path);
          pixels = await decode(file, path, (raster) => resizeRaster(raster, size, size, interpolation));
          this.cache.put(key, pixels);
        }
        data.set(pixels, i * imageBytes);
      });
      return { data, count: paths.length, size };
    });
    return outcome.ok ? Comlink.transfer(outcome, [outcome.value.data.buffer]) : outcome;
  }

  decodeFile(file: File, size: number, interpolation: Interpolation): Promise<Reply<PixelBatch>> {
    return reply(async () => {
      checkedSize(size);
      const data = await decode(file, file.name, (raster) => resizeRaster(raster, size, size, interpolation));
      return { data, count: 1, size };
    });
  }

  readImage(datasetId: string, path: string, maxSide: number): Promise<Reply<RgbaImage>> {
    return reply(async () => {
      const file = await this.find(datasetId).readFile(path);
      return decode(file, path, (raster) => fitImage(raster, maxSide));
    });
  }

  readFileImage(file: File, maxSide: number): Promise<Reply<RgbaImage>> {
    return reply(() => decode(file, file.name, (raster) => fitImage(raster, maxSide)));
  }

  /** One opening at a time: a new one ends the one before, and begins when that has closed its files. */
  private openAlone(work: (signal: AbortSignal) => Promise<OpenDataset>): Promise<Reply<DatasetSummary>> {
    return reply(async () => {
      const before = this.opening;
      before?.controller.abort(new StudioError('cancelled', 'Another folder was opened instead.'));
      const controller = new AbortController();
      const { signal } = controller;
      const opened = (async () => {
        await before?.settled;
        signal.throwIfAborted();
        return work(signal);
      })();
      const opening = { controller, settled: opened.catch(() => undefined) };
      this.opening = opening;
      try {
        const dataset = await opened;
        signal.throwIfAborted();
        return this.keep(dataset);
      } finally {
        if (this.opening === opening) this.opening = null;
      }
    });
  }

  private keep(dataset: OpenDataset): DatasetSummary {
    const earlier = this.datasets.get(dataset.summary.id);
    if (earlier !== undefined) dataset.adopt(earlier);
    this.touch(dataset.summary.id, dataset);
    let kept = 0;
    for (const [id, { imageCount }] of [...this.datasets].reverse()) {
      if (this.holders.has(id)) continue;
      kept += imageCount;
      if (kept > this.imagesKept && id !== dataset.summary.id) this.datasets.delete(id);
    }
    return dataset.summary;
  }

  private find(datasetId: string): OpenDataset {
    const dataset = this.datasets.get(datasetId);
    if (dataset === undefined) {
      throw new StudioError('not-found', 'The images of this dataset are not open; drop its folder again.');
    }
    this.touch(datasetId, dataset);
    return dataset;
  }

  private touch(id: string, dataset: OpenDataset): void {
    this.datasets.delete(id);
    this.datasets.set(id, dataset);
  }

  /** Null when what lies in storage makes no dataset. */
  private async readSample(
    onProgress: (progress: DatasetProgress) => void,
    anew: boolean,
    signal: AbortSignal,
  ): Promise<OpenDataset | null> {
    const total = SAMPLE_IMAGE_COUNT;
    let folder: FileSystemDirectoryHandle;
    try {
      const root = await this.openRoot();
      folder = await withThrottle(PROGRESS_INTERVAL_MS, onProgress, (report) => {
        const draw = (done: number) => report(() => ({ phase: 'drawing', done, total }));
        return prepareSampleFolder(root, draw, anew, signal);
      });
    } catch (cause) {
      if (cause instanceof StudioError) throw cause;
      const full = cause instanceof DOMException && cause.name === 'QuotaExceededError';
      const sentence = full
        ? 'The sample dataset needs about 30 MB and the disk is full; make room and try again.'
        : 'The browser refused to store the sample dataset; private windows and blocked site data do that.';
      throw new StudioError('storage', sentence, { cause });
    }
    try {
      return await OpenDataset.open(
        { kind: 'directories', name: SAMPLE_NAME, handles: [folder] },
        true,
        onProgress,
        signal,
      );
    } catch (error) {
      if (error instanceof StudioError && error.code !== 'cancelled') return null;
      throw error;
    }
  }
}

/** Decodes; a fault of the file becomes a sentence that begins with its name. */
async function decode<T>(file: File, name: string, use: (raster: Raster) => T): Promise<T> {
  try {
    return await decodeImage(file, use);
  } catch (cause) {
    if (cause instanceof ImageFault) throw new StudioError('bad-input', `${name} ${cause.message}`, { cause });
    if (isReadFailure(cause)) {
      throw new StudioError('bad-input', `${name} cannot be read from disk; check that it is still there.`, { cause });
    }
    throw cause;
  }
}

function checkedSize(size: number): number {
  if (Number.isInteger(size) && size > 0 && size <= 4096) return size;
  throw new StudioError('bad-input', `Input size must be a whole number from 1 to 4,096; it is ${size}.`);
}

/** Scaled down to fit a square of `maxSide`, never up, as RGBA. */
function fitImage(raster: Raster, maxSide: number): RgbaImage {
  const scale = Math.min(1, checkedSize(maxSide) / Math.max(raster.width, raster.height));
  const width = Math.max(1, Math.round(raster.width * scale));
  const height = Math.max(1, Math.round(raster.height * scale));
  const rgb = resizeRaster(raster, width, height, 'bilinear');
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    data[4 * pixel] = rgb[3 * pixel];
    data[4 * pixel + 1] = rgb[3 * pixel + 1];
    data[4 * pixel + 2] = rgb[3 * pixel + 2];
  }
  return { data, width, height };
}
