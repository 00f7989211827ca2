/**
 * @file Files read as the studio worker reads them: supervised, in a thread that is ended when it is silent.
 *
 * In the product each file has a worker of its own. Here a thread reads many, one after another, until one stops it: a new one
 * for each of thousands of files would take hours.
 */

import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker as Thread } from 'node:worker_threads';
import type { ForeignFile } from '../exchange/foreign-file';
import { foreignFiles } from '../worker/supervised-file';

/** After so many files a new thread, as the handlers of read files are not closed. */
const FILES_PER_THREAD = 100;

export class FileThreads {
  private thread: Thread | null = null;
  private readCount = 0;

  /**
   * @param script of file-thread.ts, bundled
   * @param maxSilenceMs as of the product's supervisor
   */
  constructor(
    private readonly script: URL,
    private readonly maxSilenceMs: number,
  ) {}

  /** Reads a file in the present thread, which is not used again when it was stopped by it. */
  async read<T>(name: string, bytes: Uint8Array, work: (opened: ForeignFile) => Promise<T>): Promise<T> {
    const thread = await this.ready();
    let isStuck = false;
    const start = async () => {
      const { port1, port2 } = new MessageChannel();
      thread.postMessage(port2, [port2]);
      return new PortWorker(thread, port1) as unknown as Worker;
    };
    const file = { name, bytes } as unknown as File;
    try {
      return await foreignFiles(start, this.maxSilenceMs)(file, work);
    } catch (error) {
      isStuck = error instanceof Error && /led nowhere|broke off|did not start/.test(error.message);
      throw error;
    } finally {
      this.readCount += 1;
      if (isStuck || this.readCount >= FILES_PER_THREAD) await this.end();
    }
  }

  async end(): Promise<void> {
    const { thread } = this;
    this.thread = null;
    this.readCount = 0;
    await thread?.terminate();
  }

  private async ready(): Promise<Thread> {
    if (this.thread) return this.thread;
    // What the HDF5 library logs of a damaged file is as long as the file is damaged.
    const thread = new Thread(this.script, { stdout: true, stderr: true });
    thread.stdout.resume();
    thread.stderr.resume();
    await once(thread, 'message');
    this.thread = thread;
    return thread;
  }
}

/** One file's port as the worker that the product would have started for it. */
class PortWorker extends EventTarget {
  private readonly fail = (error: Error) => {
    this.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message: error.message }));
  };

  constructor(
    private readonly thread: Thread,
    private readonly port: MessagePort,
  ) {
    super();
    port.on('message', (data) => this.dispatchEvent(new MessageEvent('message', { data })));
    thread.on('error', this.fail);
  }

  postMessage(message: unknown, transfer: MessagePort[] = []): void {
    this.port.postMessage(message, transfer);
  }

  /** The thread goes on: whoever owns it ends it where it is stuck. */
  terminate(): void {
    this.port.close();
    this.thread.off('error', this.fail);
  }
}
