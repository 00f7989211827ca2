/**
 * @file The dataset worker as the studio worker sees it, over a port from the page. When the dataset worker is started again,
 * the page passes a new port, and calls to the one that died fail with a sentence.
 */

import * as Comlink from 'comlink';
import { type Failure, type Reply, toFailure } from '../domain/failure';
import type { PixelSource } from '../domain/protocol';

const LOST: Failure = {
  code: 'not-found',
  sentence: 'The part of Thorax that reads images stopped working and was started again. Open the folder again.',
  cause: null,
};

/** Passes requests on to the dataset worker, and waits with them until it is connected. */
export class ConnectedPixels implements PixelSource {
  private resolveFirst: (source: PixelSource) => void = () => undefined;
  private source = new Promise<PixelSource>((resolve) => {
    this.resolveFirst = resolve;
  });
  private readonly waiting = new Set<(failure: Failure) => void>();

  /** Uses this port from now on. */
  connectPort(port: MessagePort): void {
    this.connectSource(Comlink.wrap<PixelSource>(port) as PixelSource);
  }

  /** The same for a source in this thread. */
  connectSource(source: PixelSource): void {
    for (const fail of this.waiting) fail(LOST);
    this.waiting.clear();
    this.resolveFirst(source);
    this.source = Promise.resolve(source);
  }

  listImages: PixelSource['listImages'] = (datasetId, query) =>
    this.ask((source) => source.listImages(datasetId, query));
  holdDataset: PixelSource['holdDataset'] = (datasetId, holder) =>
    this.ask((source) => source.holdDataset(datasetId, holder));
  releaseDataset: PixelSource['releaseDataset'] = (datasetId, holder) =>
    this.ask((source) => source.releaseDataset(datasetId, holder));
  readPixels: PixelSource['readPixels'] = (request) => this.ask((source) => source.readPixels(request));
  decodeFile: PixelSource['decodeFile'] = (file, size, interpolation) =>
    this.ask((source) => source.decodeFile(file, size, interpolation));

  private async ask<T>(question: (source: PixelSource) => Promise<Reply<T>>): Promise<Reply<T>> {
    const source = await this.source;
    return new Promise((resolve) => {
      const fail = (failure: Failure) => resolve({ ok: false, failure });
      this.waiting.add(fail);
      question(source)
        .then(resolve, (error) => fail(toFailure(error)))
        .finally(() => this.waiting.delete(fail));
    });
  }
}
