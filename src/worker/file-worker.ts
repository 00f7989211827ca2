/** @file Entry of the file worker, which lives for one file. It sends a sign of life every second while it is not stuck. */

import * as Comlink from 'comlink';
import { announceSentBytes } from '../base/announce-sent-bytes';
import { FileHandler } from './file-handler';

announceSentBytes();

const ALIVE_EVERY_MS = 1000;

class FileWorker extends FileHandler {
  override async nextPiece() {
    const piece = await super.nextPiece();
    return piece.ok && piece.value ? Comlink.transfer(piece, [piece.value.buffer]) : piece;
  }
}

Comlink.expose(new FileWorker());

const sayAlive = () => self.postMessage('alive');
sayAlive();
setInterval(sayAlive, ALIVE_EVERY_MS);
