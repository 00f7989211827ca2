/**
 * @file Starts the two workers and wraps them as plain asynchronous objects.
 *
 * Both start with the page, so that the studio works when the network goes away afterwards. Whatever Comlink or a
 * worker throws comes back as a {@link Failure}, so callers meet one kind of error only.
 */

import * as Comlink from 'comlink';
import { type Reply, toFailure } from '../domain/failure';
import type { DatasetWorkerApi, StudioWorkerApi } from '../domain/protocol';

/** The studio worker as the page sees it; the port is wired here and is nobody else's business. */
export type StudioClient = Omit<StudioWorkerApi, 'connectPixels'>;

/** The dataset worker as the page sees it; pixels in bulk go from worker to worker. */
export type DatasetClient = Omit<
  DatasetWorkerApi,
  'servePixels' | 'readPixels' | 'decodeFile' | 'holdDataset' | 'releaseDataset'
>;

export interface WorkerClients {
  studio: StudioClient;
  dataset: DatasetClient;
}

/**
 * Starts both workers and joins them by a channel of their own.
 * @param onWorkerFailure told once, in a sentence, when a worker cannot be loaded or dies of an error.
 */
export function startWorkerClients(onWorkerFailure: (sentence: string) => void): WorkerClients {
  // The studio worker reads the page's switches, for example `?kernels=stock`, from its name.
  const studioWorker = new Worker(new URL('../worker/studio-worker.ts', import.meta.url), {
    type: 'module',
    name: location.search,
  });
  const datasetWorker = new Worker(new URL('../worker/dataset-worker.ts', import.meta.url), {
    type: 'module',
  });
  for (const worker of [studioWorker, datasetWorker]) {
    worker.addEventListener('error', (event) => {
      const detail = event.message ? ` (${event.message})` : '';
      onWorkerFailure(
        `A background part of Thorax stopped working${detail}. Reload the page to go on; stored runs are kept.`,
      );
    });
  }

  const studio = Comlink.wrap<StudioWorkerApi>(studioWorker);
  const dataset = Comlink.wrap<DatasetWorkerApi>(datasetWorker);
  const { port1, port2 } = new MessageChannel();
  void dataset.servePixels(Comlink.transfer(port1, [port1]));
  void studio.connectPixels(Comlink.transfer(port2, [port2]));

  return {
    studio: {
      describeGpu: () => settle(studio.describeGpu()),
      describeRoom: () => settle(studio.describeRoom()),
      measureProduct: () => settle(studio.measureProduct()),
      listWeights: () => settle(studio.listWeights()),
      importWeights: (file) => settle(studio.importWeights(file)),
      downloadWeights: (network, onProgress) => settle(studio.downloadWeights(network, Comlink.proxy(onProgress))),
      removeWeights: (network) => settle(studio.removeWeights(network)),
      importModel: (request) => settle(studio.importModel(request)),
      exportRun: (runId, weights, format, onProgress) =>
        settle(studio.exportRun(runId, weights, format, Comlink.proxy(onProgress))),
      watchRuns: (onEvent) => settle(studio.watchRuns(Comlink.proxy(onEvent))),
      enqueueRuns: (items) => settle(studio.enqueueRuns(items)),
      moveQueueItem: (id, toPosition) => settle(studio.moveQueueItem(id, toPosition)),
      removeQueueItem: (id) => settle(studio.removeQueueItem(id)),
      readQueue: () => settle(studio.readQueue()),
      startQueue: (dataset, retry) => settle(studio.startQueue(dataset, retry)),
      pauseRun: () => settle(studio.pauseRun()),
      resumeRun: () => settle(studio.resumeRun()),
      stopRun: () => settle(studio.stopRun()),
      deleteRun: (runId) => settle(studio.deleteRun(runId)),
      sweepLeftovers: () => settle(studio.sweepLeftovers()),
      previewAugmentation: (request) => settle(studio.previewAugmentation(request)),
      explain: (request) => settle(studio.explain(request)),
    },
    dataset: {
      openDataset: (source, onProgress) => settle(dataset.openDataset(source, Comlink.proxy(onProgress))),
      openSample: (onProgress) => settle(dataset.openSample(Comlink.proxy(onProgress))),
      cancelOpening: () => settle(dataset.cancelOpening()),
      cancelCheck: (id) => settle(dataset.cancelCheck(id)),
      checkDataset: (id, onProgress) => settle(dataset.checkDataset(id, Comlink.proxy(onProgress))),
      listImages: (id, query) => settle(dataset.listImages(id, query)),
      readPicture: (id, path, maxSide) => settle(dataset.readPicture(id, path, maxSide)),
      readFilePicture: (file, maxSide) => settle(dataset.readFilePicture(file, maxSide)),
    },
  };
}

async function settle<T>(answer: Promise<Reply<T>>): Promise<Reply<T>> {
  try {
    return await answer;
  } catch (error) {
    return { ok: false, failure: toFailure(error) };
  }
}
