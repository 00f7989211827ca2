/**
 * @file The official weights, fetched into the browser's own storage through the studio's server.
 *
 * The server of `npm start` answers under `/pretrained/` (see .ci/pretrained-server.mjs). A plain web server answers 404 or its
 * start page there; the page asks no other address than its own, so a person then gets the file and drops it. A connection
 * that breaks goes on where it broke, also after a reload. A file gets its name only once its length and MD5 are those that
 * Keras publishes.
 */

import { piecesOf } from '../base/stream-pieces';
import { StudioError } from '../domain/failure';
import { NETWORKS } from '../domain/network';
import type { TransferProgress } from '../domain/protocol';
import type { PretrainedStore } from '../storage/pretrained-store';
import type { PretrainedFile } from './catalogue';
import { Md5 } from './md5';

export const OWN_ADDRESS = '/pretrained/';

/** Connections made for one click on Download, as long as each of them brings some bytes. */
const MAX_CONNECTIONS = 5;

type Fetch = (url: string, init: { headers: Record<string, string> }) => Promise<Response>;

/**
 * Fetches a network's official file into the store and reports progress in bytes.
 * @param request stands for `fetch` in tests
 * @throws {StudioError} `not-found` (offline, a server without it, the upstream's refusal), `bad-weights` (another length or hash than
 * Keras publishes) or `storage` (a full disk), each with what to do next.
 */
export async function downloadWeights(
  store: PretrainedStore,
  file: PretrainedFile,
  onProgress: (progress: TransferProgress) => void,
  request: Fetch = (url, init) => fetch(url, init),
): Promise<void> {
  const download = new Download(store, file, onProgress, request);
  await download.complete();
  await download.verify();
  await store.keepDownload(file.fileName);
}

class Download {
  constructor(
    private readonly store: PretrainedStore,
    private readonly file: PretrainedFile,
    private readonly onProgress: (progress: TransferProgress) => void,
    private readonly request: Fetch,
  ) {}

  async complete(): Promise<void> {
    const { sizeBytes } = this.file;
    let cause: unknown = null;
    for (let connection = 0; connection < MAX_CONNECTIONS; connection += 1) {
      const before = await this.presentBytes();
      this.onProgress({ doneBytes: before, totalBytes: sizeBytes });
      if (before >= sizeBytes) return;
      const response = await this.connect(before);
      try {
        await this.receive(response, before);
      } catch (error) {
        if (error instanceof StudioError) throw error;
        cause = error;
      }
      const after = await this.presentBytes();
      if (after >= sizeBytes) return;
      if (after <= before && response.status === 206) break;
    }
    const present = await this.presentBytes();
    const sizes = `${present.toLocaleString('en')} of ${sizeBytes.toLocaleString('en')} bytes`;
    throw this.failure('not-found', `stopped after ${sizes}. Download it again to go on from there`, cause);
  }

  /** @throws {StudioError} `bad-weights` when it is not the file that Keras published; it is deleted then. */
  async verify(): Promise<void> {
    const { store, file } = this;
    const download = await store.openDownload(file.fileName);
    if (!download) throw this.failure('not-found', 'was removed by the browser meanwhile. Download it again');
    const isWhole = download.size === file.sizeBytes;
    if (isWhole && (await md5Of(download)) === file.md5) return;
    await store.dropDownload(file.fileName);
    const what = isWhole
      ? 'does not match the checksum that Keras publishes'
      : 'is longer than the file that Keras publishes';
    throw this.failure('bad-weights', `${what}, and was thrown away. Download it again`);
  }

  private async connect(at: number): Promise<Response> {
    const { fileName, url } = this.file;
    const headers: Record<string, string> = at > 0 ? { Range: `bytes=${at}-` } : {};
    const response = await this.request(OWN_ADDRESS + fileName, { headers }).catch((cause: unknown) => {
      throw this.failure('not-found', "could not be downloaded: the studio's server does not answer", cause);
    });
    if (isFile(response)) return response;
    const refusal = await readRefusal(response);
    if (refusal?.restart) await this.store.dropDownload(fileName);
    if (refusal) throw new StudioError('not-found', `${refusal.sentence} ${this.otherWay()}`);
    throw this.failure('not-found', `could not be downloaded: this server does not have it. It is at ${url}`);
  }

  private async receive(response: Response, asked: number): Promise<void> {
    const { sizeBytes, fileName } = this.file;
    // A server that knows no ranges sends all of it again.
    const start = response.status === 206 ? (rangeStart(response) ?? asked) : 0;
    if (start > asked) throw this.failure('not-found', 'could not be gone on with. Download it again');
    let doneBytes = start;
    const { body } = response;
    if (!body) return;
    const report = (added: number) => {
      doneBytes += added;
      this.onProgress({ doneBytes: Math.min(doneBytes, sizeBytes), totalBytes: sizeBytes });
    };
    await this.store.continueDownload(fileName, start, receivePieces(body, sizeBytes - start, report));
  }

  private async presentBytes(): Promise<number> {
    return (await this.store.openDownload(this.file.fileName))?.size ?? 0;
  }

  private failure(code: 'not-found' | 'bad-weights', what: string, cause?: unknown): StudioError {
    return new StudioError(code, `${this.file.fileName} ${what}. ${this.otherWay()}`, { cause });
  }

  private otherWay(): string {
    return `A file of ${NETWORKS[this.file.network].name}'s weights that you have can be dropped on the training screen instead.`;
  }
}

/** True when the kept file is the one that Keras published. */
export async function isOfficial(kept: File, { sizeBytes, md5 }: PretrainedFile): Promise<boolean> {
  return kept.size === sizeBytes && (await md5Of(kept)) === md5;
}

/** Passes pieces on as they come; one byte too many shows that this is another file, and the rest is left out. */
async function* receivePieces(body: ReadableStream<Uint8Array>, leastBytes: number, report: (added: number) => void) {
  let seenBytes = 0;
  for await (const piece of piecesOf(body)) {
    yield piece;
    report(piece.byteLength);
    seenBytes += piece.byteLength;
    if (seenBytes > leastBytes) return;
  }
}

/** False for a start page that a server sends in place of a missing file. */
function isFile(response: Response): boolean {
  const type = response.headers.get('content-type') ?? '';
  return (response.status === 200 || response.status === 206) && !type.startsWith('text/html');
}

/** What our own server says when it cannot deliver; null when the answer is not from it. */
async function readRefusal(response: Response): Promise<{ sentence: string; restart: boolean } | null> {
  if (!response.headers.get('content-type')?.startsWith('application/json')) return null;
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== 'object' || body === null || !('sentence' in body) || typeof body.sentence !== 'string')
    return null;
  return { sentence: body.sentence, restart: 'restart' in body && body.restart === true };
}

function rangeStart(response: Response): number | null {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return match && Number(match[1]);
}

async function md5Of(file: Blob): Promise<string> {
  const md5 = new Md5();
  for await (const piece of piecesOf(file.stream())) md5.update(piece);
  return md5.finish();
}
