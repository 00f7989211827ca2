/** @file Stands for where Keras publishes its weights: one file, delivered well or badly, as the test says. */

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export type Delivery =
  | 'whole'
  /** In pieces with pauses between them. */
  | 'slow'
  | 'missing'
  /** Of the right length, and one byte wrong. */
  | 'altered'
  /** The first half, then the connection breaks; a request to go on breaks at once. */
  | 'half';

const PIECE_BYTES = 4 * 2 ** 20;
const PAUSE_MS = 150;

export class Upstream {
  delivery: Delivery = 'whole';
  /** The byte each request began at. */
  starts: number[] = [];
  private server: Server | null = null;
  private port = 0;

  constructor(private readonly content: Buffer) {}

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** On the port it had before, if it had one. */
  async open(): Promise<void> {
    this.server = createServer((request, response) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      this.starts.push(start);
      void this.deliver(response, start);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (typeof address === 'object' && address) this.port = address.port;
  }

  /** Refuses connections from now on. */
  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = null;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  private async deliver(response: ServerResponse, start: number): Promise<void> {
    const { content, delivery } = this;
    if (delivery === 'missing') {
      response.writeHead(404).end();
      return;
    }
    const size = content.length;
    response.writeHead(start > 0 ? 206 : 200, {
      'Content-Length': size - start,
      'Content-Range': `bytes ${start}-${size - 1}/${size}`,
    });
    // These tests break connections on purpose.
    await pipeline(Readable.from(this.pieces(start, delivery)), response).catch(() => undefined);
  }

  private async *pieces(start: number, delivery: Delivery): AsyncGenerator<Buffer> {
    const end = delivery === 'half' ? Math.floor(this.content.length / 2) : this.content.length;
    for (let at = start; at < end; at += PIECE_BYTES) {
      const piece = Buffer.from(this.content.subarray(at, Math.min(at + PIECE_BYTES, end)));
      if (delivery === 'altered' && at === 0) piece[1_000_000] ^= 1;
      yield piece;
      if (delivery === 'slow') await sleep(PAUSE_MS);
    }
    if (delivery !== 'half') return;
    // What has been written is on its way before the line is cut.
    await sleep(PAUSE_MS);
    throw new Error('The line is cut.');
  }
}
