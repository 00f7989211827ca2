/**
 * @file Starts the two workers and wraps them as plain asynchronous objects.
 *
 * Both start with the page, so that the studio works without a network afterwards. Whatever Comlink or a worker throws comes
 * back as a `Failure`, so callers handle one kind of error only.
 */

import * as Comlink from 'comlink';
import type { DatasetWorkerApi, StudioWorkerApi } from '../domain/protocol';
import { workerSwitches } from './device-memory';
import { SupervisedWorker } from './supervised-worker';

/** The studio worker as the page sees it, without the calls that wire it. */
export type StudioClient = Omit<StudioWorkerApi, 'connectPixels' | 'holdLifeLock'>;

/** The dataset worker as the page sees it; pixels in bulk go from worker to worker. */
export type DatasetClient = Omit<
  DatasetWorkerApi,
  'servePixels' | 'readPixels' | 'decodeFile' | 'holdDataset' | 'releaseDataset' | 'holdLifeLock'
>;

export interface WorkerClients {
  studio: StudioClient;
  dataset: DatasetClient;
}

/** What the page does when something happens to a worker. */
export interface WorkerEvents {
  /** Called with a sentence that the person has to see. */
  onTrouble(sentence: string): void;
  /** A new worker has been started in place of one that died, and has none of its state. */
  onStudioRestarted(): void;
  /** It died too often: none takes its place. */
  onStudioGivenUp(): void;
  onDatasetRestarted(): void;
}

/** Starts both workers, joins them by a channel of their own, and starts a new one where one dies. */
export function startWorkerClients(events: WorkerEvents): WorkerClients {
  const { onTrouble, onStudioRestarted, onStudioGivenUp, onDatasetRestarted } = events;
  let studioRemote: Comlink.Remote<StudioWorkerApi> | null = null;
  let datasetRemote: Comlink.Remote<DatasetWorkerApi> | null = null;
  /** Calls over the channel of a worker that died fail when the new channel is connected. */
  const join = () => {
    if (!studioRemote || !datasetRemote) return;
    const { port1, port2 } = new MessageChannel();
    void datasetRemote.servePixels(Comlink.transfer(port1, [port1]));
    void studioRemote.connectPixels(Comlink.transfer(port2, [port2]));
  };
  const studioWorker = new SupervisedWorker<StudioWorkerApi>({
    subject: 'The part of Thorax that trains and explains',
    advice: 'A run that was going continues from its last checkpoint.',
    // It reads the page's switches, for example `?device=processor`, from its name.
    start: () =>
      new Worker(new URL('../worker/studio-worker.ts', import.meta.url), {
        type: 'module',
        name: workerSwitches(location.search),
      }),
    onStarted: (remote) => {
      studioRemote = remote;
      join();
    },
    onTrouble,
    onRestarted: onStudioRestarted,
    onGivenUp: onStudioGivenUp,
  });
  const datasetWorker = new SupervisedWorker<DatasetWorkerApi>({
    subject: 'The part of Thorax that reads images',
    advice: 'Open the folder again.',
    start: () => new Worker(new URL('../worker/dataset-worker.ts', import.meta.url), { type: 'module' }),
    onStarted: (remote) => {
      datasetRemote = remote;
      join();
    },
    onTrouble,
    onRestarted: onDatasetRestarted,
  });

  return {
    studio: {
      describeDevice: () => studioWorker.call((studio) => studio.describeDevice()),
      chooseDevice: (kind) => studioWorker.call((studio) => studio.chooseDevice(kind)),
      describeCapacity: () => studioWorker.call((studio) => studio.describeCapacity()),
      measureProduct: () => studioWorker.call((studio) => studio.measureProduct()),
      listWeights: () => studioWorker.call((studio) => studio.listWeights()),
      importWeights: (file) => studioWorker.call((studio) => studio.importWeights(file)),
      downloadWeights: (network, onProgress) =>
        studioWorker.call((studio) => studio.downloadWeights(network, Comlink.proxy(onProgress))),
      removeWeights: (network) => studioWorker.call((studio) => studio.removeWeights(network)),
      readModel: (file) => studioWorker.call((studio) => studio.readModel(file)),
      importModel: (request, onPhase) =>
        studioWorker.call((studio) => studio.importModel(request, Comlink.proxy(onPhase))),
      exportRun: (runId, weights, format, onProgress) =>
        studioWorker.call((studio) => studio.exportRun(runId, weights, format, Comlink.proxy(onProgress))),
      watchRuns: (onEvent) => studioWorker.call((studio) => studio.watchRuns(Comlink.proxy(onEvent))),
      enqueueRuns: (items) => studioWorker.call((studio) => studio.enqueueRuns(items)),
      moveQueueItem: (id, toPosition) => studioWorker.call((studio) => studio.moveQueueItem(id, toPosition)),
      removeQueueItem: (id) => studioWorker.call((studio) => studio.removeQueueItem(id)),
      readQueue: () => studioWorker.call((studio) => studio.readQueue()),
      startQueue: (summary, retry) => studioWorker.call((studio) => studio.startQueue(summary, retry)),
      pauseRun: () => studioWorker.call((studio) => studio.pauseRun()),
      resumeRun: () => studioWorker.call((studio) => studio.resumeRun()),
      stopRun: () => studioWorker.call((studio) => studio.stopRun()),
      measureStorage: () => studioWorker.call((studio) => studio.measureStorage()),
      deleteRun: (runId) => studioWorker.call((studio) => studio.deleteRun(runId)),
      deleteRunPart: (runId, part) => studioWorker.call((studio) => studio.deleteRunPart(runId, part)),
      backUp: (request, onProgress) => studioWorker.call((studio) => studio.backUp(request, Comlink.proxy(onProgress))),
      restoreBackup: (source, onProgress) =>
        studioWorker.call((studio) => studio.restoreBackup(source, Comlink.proxy(onProgress))),
      cancelBackup: () => studioWorker.call((studio) => studio.cancelBackup()),
      sweepLeftovers: () => studioWorker.call((studio) => studio.sweepLeftovers()),
      previewAugmentation: (request) => studioWorker.call((studio) => studio.previewAugmentation(request)),
      explain: (request) => studioWorker.call((studio) => studio.explain(request)),
    },
    dataset: {
      openDataset: (source, onProgress) =>
        datasetWorker.call((dataset) => dataset.openDataset(source, Comlink.proxy(onProgress))),
      openSample: (onProgress) => datasetWorker.call((dataset) => dataset.openSample(Comlink.proxy(onProgress))),
      cancelOpening: () => datasetWorker.call((dataset) => dataset.cancelOpening()),
      cancelCheck: (id) => datasetWorker.call((dataset) => dataset.cancelCheck(id)),
      checkDataset: (id, onProgress) =>
        datasetWorker.call((dataset) => dataset.checkDataset(id, Comlink.proxy(onProgress))),
      listImages: (id, query) => datasetWorker.call((dataset) => dataset.listImages(id, query)),
      readImage: (id, path, maxSide) => datasetWorker.call((dataset) => dataset.readImage(id, path, maxSide)),
      readFileImage: (file, maxSide) => datasetWorker.call((dataset) => dataset.readFileImage(file, maxSide)),
    },
  };
}
