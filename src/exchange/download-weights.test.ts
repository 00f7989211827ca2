/** @file Downloading an official file from upstream through the studio's server to the browser, with every failure. */

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PretrainedCache } from '../../.ci/pretrained-cache.mjs';
import { pretrainedHandler } from '../../.ci/pretrained-server.mjs';
import { StudioError } from '../domain/failure';
import type { PretrainedStore } from '../storage/pretrained-store';
import type { PretrainedFile } from './catalogue';
import { downloadWeights } from './download-weights';

const CONTENT = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24));
const HALF = 150_000;
/** Long enough for the other side to read what was sent: a reset discards what it has not read. */
const BREAK_MS = 150;

type Upstream = (request: IncomingMessage, response: ServerResponse) => void;

/** Range requests and all. */
const faithful: Upstream = (request, response) => sendFrom(startOf(request), request, response);

function startOf(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

function sendFrom(start: number, _request: IncomingMessage, response: ServerResponse, content = CONTENT): void {
  const headers = { 'Content-Length': content.length - start, 'Content-Range': `bytes ${start}-/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, headers).end(content.subarray(start));
}

/** Sends `bytes` more, then breaks the connection. */
function breakAfter(bytes: number): Upstream {
  return (request, response) => {
    const start = startOf(request);
    response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': CONTENT.length - start });
    response.write(CONTENT.subarray(start, start + bytes), () => setTimeout(() => response.destroy(), BREAK_MS));
  };
}

/** As the browser's, in memory. */
class MemoryStore implements PretrainedStore {
  readonly files = new Map<string, Buffer>();
  full = false;

  describe = async (name: string) => {
    const file = this.read(name);
    return file && { name, sizeBytes: file.size, official: true };
  };
  open = async (name: string) => this.read(name);
  whileKept = <T>(_fileName: string, work: () => Promise<T>) => work();
  save = async () => undefined;
  openDownload = async (name: string) => this.read(`${name}.download`);
  dropDownload = async (name: string) => void this.files.delete(`${name}.download`);
  remove = async (name: string) => void this.files.delete(name);

  async continueDownload(name: string, at: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const part = `${name}.download`;
    this.files.set(part, (this.files.get(part) ?? Buffer.alloc(0)).subarray(0, at));
    for await (const piece of pieces) {
      if (this.full)
        throw new StudioError('storage', `The weights file ${name} could not be stored: the disk is full.`);
      this.files.set(part, Buffer.concat([this.files.get(part) ?? Buffer.alloc(0), piece]));
    }
  }

  async keepDownload(name: string): Promise<void> {
    this.files.set(name, this.files.get(`${name}.download`) ?? Buffer.alloc(0));
    this.files.delete(`${name}.download`);
  }

  private read(name: string): File | null {
    const bytes = this.files.get(name);
    return bytes ? new File([new Uint8Array(bytes)], name) : null;
  }
}

let folder: string;
let upstream: Upstream;
let upstreamRequests: string[];
let servers: Server[];
let upstreamAddress: string;
let ownAddress: string;
let file: PretrainedFile;
let store: MemoryStore;

async function listen(handle: Upstream): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startOwn(address = upstreamAddress): Promise<void> {
  const cache = new PretrainedCache({ folder, upstream: address, pauseMs: 1 });
  const handler = pretrainedHandler([file], cache);
  ownAddress = await listen((request, response) => {
    handler(request, response, () => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>'));
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thorax-cache-'));
  servers = [];
  upstreamRequests = [];
  upstream = faithful;
  upstreamAddress = await listen((request, response) => {
    upstreamRequests.push(request.headers.range ?? 'whole');
    upstream(request, response);
  });
  const fileName = 'vgg16_notop.h5';
  const md5 = createHash('md5').update(CONTENT).digest('hex');
  const url = `${upstreamAddress}/${fileName}`;
  file = { network: 'vgg16', fileName, url, sizeBytes: CONTENT.length, md5 };
  store = new MemoryStore();
  await startOwn();
});

afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

function download(onProgress: (doneBytes: number) => void = () => undefined): Promise<void> {
  return downloadWeights(
    store,
    file,
    ({ doneBytes }) => onProgress(doneBytes),
    (url, init) => fetch(ownAddress + url, init),
  );
}

async function refusal(): Promise<{ code: string; message: string }> {
  const error = await download().catch((thrown: unknown) => thrown);
  if (!(error instanceof StudioError)) throw new Error(`Expected a refusal, got ${error}`);
  expect(error.message).toContain('vgg16_notop.h5');
  expect(store.files.has(file.fileName)).toBe(false);
  return error;
}

function kept(): boolean {
  return store.files.get(file.fileName)?.equals(CONTENT) ?? false;
}

describe('downloading official weights through the studio’s server', () => {
  it('fetches once, checks, caches, reports progress and serves the next from the cache', async () => {
    const progress: number[] = [];
    await download((done) => progress.push(done));
    expect(kept()).toBe(true);
    expect(progress.at(0)).toBe(0);
    expect(progress.at(-1)).toBe(CONTENT.length);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(readdirSync(folder)).toEqual([file.fileName]);
    store = new MemoryStore();
    await download();
    expect(kept()).toBe(true);
    expect(upstreamRequests).toEqual(['whole']);
  });

  it('shares one fetch among all that ask at the same time', async () => {
    const ask = async () => Buffer.from(await (await fetch(`${ownAddress}/pretrained/${file.fileName}`)).arrayBuffer());
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.every((bytes) => bytes.equals(CONTENT))).toBe(true);
    expect(upstreamRequests).toEqual(['whole']);
  });

  it('goes on where the upstream broke off', async () => {
    upstream = (request, response) => (upstreamRequests.length === 1 ? breakAfter(HALF) : faithful)(request, response);
    await download();
    expect(kept()).toBe(true);
    expect(upstreamRequests).toEqual(['whole', `bytes=${HALF}-`]);
  });

  it('begins anew with an upstream that knows no ranges', async () => {
    upstream = (request, response) => {
      if (upstreamRequests.length === 1) breakAfter(HALF)(request, response);
      else sendFrom(0, request, response);
    };
    await download();
    expect(kept()).toBe(true);
  });

  it('says how far it came, and the next try goes on from there', async () => {
    upstream = (request, response) => (startOf(request) === 0 ? breakAfter(HALF) : breakAfter(0))(request, response);
    expect((await refusal()).message).toMatch(
      /stopped after 150,000 of 300,000 bytes .*dropped on the training screen/,
    );
    upstream = faithful;
    upstreamRequests = [];
    await download();
    expect(kept()).toBe(true);
    expect(upstreamRequests).toEqual([`bytes=${HALF}-`]);
  });

  it('discards a file of another hash, and the next try gets the right one', async () => {
    const wrong = Buffer.from(CONTENT);
    wrong[1000] ^= 1;
    upstream = (request, response) => sendFrom(startOf(request), request, response, wrong);
    expect((await refusal()).message).toMatch(/does not match the checksum that Keras publishes, and was thrown away/);
    expect(readdirSync(folder)).toEqual([]);
    upstream = faithful;
    await download();
    expect(kept()).toBe(true);
  });

  it('discards a file that is too long', async () => {
    upstream = (request, response) => sendFrom(0, request, response, Buffer.concat([CONTENT, CONTENT]));
    expect((await refusal()).message).toContain('does not match the checksum');
  });

  it('reports a 404 of the upstream', async () => {
    upstream = (_request, response) => response.writeHead(404).end();
    expect(await refusal()).toMatchObject({ code: 'not-found', message: expect.stringMatching(/answered 404/) });
  });

  it('reports that the upstream cannot be reached', async () => {
    await startOwn('http://127.0.0.1:9');
    expect((await refusal()).message).toMatch(/127\.0\.0\.1:9 cannot be reached from this machine/);
  });

  it('reports that the browser’s disk is full, and goes on when it is not', async () => {
    store.full = true;
    expect(await refusal()).toMatchObject({ code: 'storage', message: expect.stringContaining('the disk is full') });
    store.full = false;
    await download();
    expect(kept()).toBe(true);
  });

  it('reports that the server cannot store', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the cache folder should be');
    expect((await refusal()).message).toMatch(/could not be stored in .*thorax-cache/);
  });

  it('serves the names of the catalogue alone, and to its own page alone', async () => {
    for (const name of ['other.h5', '..%2F..%2Fetc%2Fpasswd', '']) {
      const answer = await fetch(`${ownAddress}/pretrained/${name}`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ sentence: expect.any(String) });
    }
    for (const site of ['cross-site', 'same-site']) {
      const headers = { 'Sec-Fetch-Site': site };
      expect((await fetch(`${ownAddress}/pretrained/${file.fileName}`, { headers })).status).toBe(403);
    }
    expect(upstreamRequests).toEqual([]);
  });

  it('does not take a cached file of another length for the right one', async () => {
    writeFileSync(join(folder, file.fileName), CONTENT.subarray(0, HALF));
    await download();
    expect(kept()).toBe(true);
    expect(readFileSync(join(folder, file.fileName)).equals(CONTENT)).toBe(true);
  });
});

describe('downloading official weights from a plain web server', () => {
  it.each([
    [404, 'text/html'],
    [404, 'text/plain'],
    [200, 'text/html; charset=utf-8'],
  ])('asks no other address when its own origin answers %d %s, and says where the file is', async (status, type) => {
    ownAddress = await listen((_request, response) =>
      response.writeHead(status, { 'Content-Type': type }).end('<html>'),
    );
    const refused = await refusal();
    expect(refused.code).toBe('not-found');
    expect(refused.message).toContain(`does not have it. It is at ${file.url}.`);
    expect(refused.message).toContain('can be dropped on the training screen');
    expect(upstreamRequests).toEqual([]);
  });

  it('says that the server does not answer, and that the file can be dropped', async () => {
    ownAddress = 'http://127.0.0.1:9';
    expect(await refusal()).toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/server does not answer.* can be dropped on the training screen/),
    });
  });
});
