/**
 * @file A file that another program made, read in a worker of its own that is ended when it is silent for too long.
 *
 * The file worker sends a sign of life every second. It cannot while the HDF5 library loops in a damaged file. Silence is
 * counted in ticks of a timer and not by the clock: when this worker itself was busy, the signs sent meanwhile are waiting as
 * messages and are read before the next tick.
 */

import * as Comlink from 'comlink';
import { type Reply, StudioError, unwrap } from '../domain/failure';
import type { ModelReading } from '../domain/model-reading';
import type { NetworkId } from '../domain/network';
import type { ForeignFile, ReadForeignFile, WeightsChoice } from '../exchange/foreign-file';
import type { FileWorkerApi } from './file-handler';

/** How long a file worker may be silent before it is ended, milliseconds. */
export const MAX_SILENCE_MS = 20_000;

const TICKS = 8;
/** A worker that has still to be loaded and compiled gets more time. */
const START_FACTOR = 3;

/**
 * Makes the function that reads a file in a worker of its own.
 * @param start starts a file worker
 * @param maxSilenceMs shorter in tests
 */
export function foreignFiles(start: () => Promise<Worker>, maxSilenceMs = MAX_SILENCE_MS): ReadForeignFile {
  return async (file, work) => {
    const worker = await start().catch((cause: unknown) => {
      throw notStarted(file, cause);
    });
    const supervised = new SupervisedFile(file, worker, maxSilenceMs);
    try {
      await supervised.open();
      return await work(supervised);
    } finally {
      supervised.end();
    }
  };
}

class SupervisedFile implements ForeignFile {
  private readonly api: Comlink.Remote<FileWorkerApi>;
  private readonly timer: ReturnType<typeof setInterval>;
  /** Rejected when the worker is ended or dies. */
  private readonly broken: Promise<never>;
  private isHeard = false;
  private silentTicks = 0;

  constructor(
    private readonly file: File,
    private readonly worker: Worker,
    maxSilenceMs: number,
  ) {
    this.api = Comlink.wrap<FileWorkerApi>(worker);
    let giveUp: (error: StudioError) => void = () => undefined;
    this.broken = new Promise((_resolve, reject) => {
      giveUp = (error) => {
        this.end();
        reject(error);
      };
    });
    this.broken.catch(() => undefined);
    worker.addEventListener('message', () => {
      this.isHeard = true;
      this.silentTicks = 0;
    });
    worker.addEventListener('error', (event) => {
      // Otherwise the error reaches the page, as if the studio worker had died.
      event.preventDefault();
      giveUp(this.isHeard ? this.damaged(`reading it broke off (${event.message})`) : notStarted(file, event.message));
    });
    this.timer = setInterval(() => {
      this.silentTicks += 1;
      if (this.silentTicks < (this.isHeard ? TICKS : TICKS * START_FACTOR)) return;
      giveUp(
        this.isHeard
          ? this.damaged(`reading it led nowhere for ${maxSilenceMs / 1000} seconds and was ended`)
          : notStarted(file),
      );
    }, maxSilenceMs / TICKS);
  }

  async open(): Promise<void> {
    await this.ask(this.api.open(this.file));
  }

  readModel(): Promise<ModelReading> {
    return this.ask(this.api.readModel());
  }

  identifyBase(): Promise<NetworkId> {
    return this.ask(this.api.identifyBase());
  }

  async *readWeights(choice: WeightsChoice): AsyncGenerator<Float32Array<ArrayBuffer>> {
    await this.ask(this.api.chooseWeights(choice));
    for (let piece = await this.next(); piece !== null; piece = await this.next()) yield piece;
  }

  end(): void {
    clearInterval(this.timer);
    this.worker.terminate();
  }

  private next(): Promise<Float32Array<ArrayBuffer> | null> {
    return this.ask(this.api.nextPiece());
  }

  private async ask<T>(answer: Promise<Reply<T>>): Promise<T> {
    return unwrap(await Promise.race([answer, this.broken]));
  }

  private damaged(what: string): StudioError {
    const sentence = `${this.file.name} is damaged, or not what its name says: ${what}. Save it again with Keras, or get it again.`;
    return new StudioError('bad-weights', sentence);
  }
}

function notStarted({ name }: File, cause?: unknown): StudioError {
  const sentence = `${name} was not read: the part of Thorax that reads files did not start. Reload the page and drop the file again.`;
  return new StudioError('unexpected', sentence, { cause });
}
