/**
 * @file The file worker in a thread of Node: the product's own handler behind the product's own protocol, one port a file.
 *
 * It also reads every number of the file, whatever model it is of.
 */

import { type MessagePort, parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { becomeFileWorker } from './memory-blob';

const ALIVE_EVERY_MS = 500;
/** A file that claims more numbers than this is read no further: they come piece by piece. */
const MOST_NUMBERS = 2 ** 20;

becomeFileWorker();
const { FileHandler } = await import('../worker/file-handler');
const { openKerasFile } = await import('../exchange/open-keras-file');
const { reply, StudioError, unwrap } = await import('../domain/failure');
const { ready } = await import('h5wasm');
const { FS } = await ready;

class ThreadHandler extends FileHandler {
  override open(file: File) {
    return reply(async () => {
      const { name, bytes } = file as unknown as { name: string; bytes: Uint8Array<ArrayBuffer> };
      await readEverything(new File([bytes], name));
      return unwrap(await super.open(new File([bytes], name)));
    });
  }
}

/** @throws {StudioError} what the reader says; any other error is a defect of it. */
async function readEverything(file: File): Promise<void> {
  const mounted = FS.readdir('/').length;
  const outcome = await reply(() => readNumbers(file));
  if (FS.readdir('/').length !== mounted) throw new Error('The file is still mounted.');
  unwrap(outcome);
}

async function readNumbers(file: File): Promise<void> {
  const opened = await openKerasFile(file);
  try {
    let count = 0;
    for (const { weights } of opened.layers) {
      for (const weight of weights) {
        for await (const piece of weight.pieces()) {
          if (!(piece instanceof Float32Array)) throw new Error(`${weight.name} is no numbers`);
          count += piece.length;
          if (count > MOST_NUMBERS) return;
        }
      }
    }
  } catch (error) {
    // Counters of random states are whole numbers, and are listed all the same.
    if (!(error instanceof StudioError && error.message.includes('as something else than'))) throw error;
  } finally {
    opened.close();
  }
}

parentPort?.on('message', (port: MessagePort) => {
  Comlink.expose(new ThreadHandler(), port as unknown as Comlink.Endpoint);
  const sayAlive = () => port.postMessage('alive');
  sayAlive();
  const timer = setInterval(sayAlive, ALIVE_EVERY_MS);
  port.on('close', () => clearInterval(timer));
});
parentPort?.postMessage('ready');
