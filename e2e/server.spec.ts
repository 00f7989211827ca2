/** @file The server of `npm start`, asked as no browser asks: what it sends, what it refuses, and what it costs. */

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import { type Serving, startServing } from './helpers/program';

const WEIGHTS = 'weights.h5';
const WEIGHTS_BYTES = 64 * 2 ** 20;
const SENT_ALWAYS = {
  'content-security-policy': /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; .*frame-ancestors 'none'$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-embedder-policy': /^require-corp$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'permissions-policy': /camera=\(\), .*usb=\(\)/,
  'referrer-policy': /^no-referrer$/,
  'x-content-type-options': /^nosniff$/,
};

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

const test = base.extend<object, { server: Serving }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern.
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'thorax-'));
      const catalogue = join(folder, 'catalogue.json');
      const file = { fileName: WEIGHTS, url: 'http://127.0.0.1:9/', sizeBytes: WEIGHTS_BYTES, md5: 'unknown' };
      writeFileSync(catalogue, JSON.stringify([file, { ...file, fileName: 'not-here.h5' }]));
      mkdirSync(join(folder, 'thorax'));
      const path = join(folder, 'thorax', WEIGHTS);
      writeFileSync(path, 'first bytes');
      truncateSync(path, WEIGHTS_BYTES);
      const serving = await startServing({ THORAX_PRETRAINED_CATALOGUE: catalogue, XDG_CACHE_HOME: folder });
      await use(serving);
      await serving.end();
    },
    { scope: 'worker' },
  ],
});

/** Asks with exactly these words; `fetch` would tidy them up. */
async function ask({ address }: Serving, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(address);
  const asking = request({ hostname, port, path, agent: false, ...options }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) };
}

test('sends its headers with every answer, and lets no other origin read one', async ({ server }) => {
  const origin = { headers: { Origin: 'http://localhost:3000' } };
  const asked = ['/', '/thorax.svg', '/manifest.webmanifest', '/service-worker.js', `/pretrained/${WEIGHTS}`, '/none'];
  for (const path of asked) {
    for (const method of ['HEAD', 'POST']) {
      const { headers } = await ask(server, path, { method, ...origin });
      for (const [name, value] of Object.entries(SENT_ALWAYS)) {
        expect(headers[name], `${name} of ${method} ${path}`).toMatch(value);
      }
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  }
  const policy = (await ask(server, '/')).headers['content-security-policy'] ?? '';
  const scripts = /script-src ([^;]*)/.exec(`${policy}`)?.[1];
  expect(scripts).toBe("'self' 'wasm-unsafe-eval'");
  expect(policy).not.toContain("'unsafe-eval'");
});

test('gives the page at its one address, its own files, and 404 for all else', async ({ server }) => {
  const page = await ask(server, '/?device=processor');
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['cache-control']).toBe('no-cache');
  expect(page.body.toString()).toContain('<div id="root">');
  const script = /src="(\/assets\/[^"]+)"/.exec(page.body.toString())?.[1] ?? '';
  const asset = await ask(server, script);
  expect(asset).toMatchObject({ status: 200 });
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(asset.headers['content-type']).toContain('text/javascript');
  const again = await ask(server, script, { headers: { 'If-None-Match': String(asset.headers.etag) } });
  expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) });

  const missing = [
    ...['/index.html', '/assets', '/assets/', '/assets/none.js', '/train', '/package.json', '/.env', '//etc/passwd'],
    ...['/../package.json', '/assets/../../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/%00', '/%'],
    ...['/..%5cpackage.json', '/pretrained/', '/pretrained/..%2f..%2fpackage.json', 'http://other.example/'],
  ];
  for (const path of missing) {
    const { status, headers, body } = await ask(server, path);
    expect(status, path).toBe(404);
    expect(headers['cache-control'], path).toBe('no-store');
    expect(body.length, path).toBeLessThan(200);
  }
});

test('answers GET and HEAD alone', async ({ server }) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    for (const path of ['/', '/thorax.svg', `/pretrained/${WEIGHTS}`]) {
      const { status, headers } = await ask(server, path, { method });
      expect(status, `${method} ${path}`).toBe(405);
      expect(headers.allow).toBe('GET, HEAD');
    }
  }
  const head = await ask(server, '/thorax.svg', { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  expect(Number(head.headers['content-length'])).toBe(readFileSync('public/thorax.svg').length);
});

test('answers under its own names alone, so that no foreign name can stand for it', async ({ server }) => {
  const { port } = new URL(server.address);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]', `LocalHost:${port}`]) {
    expect((await ask(server, '/', { headers: { Host: host } })).status, host).toBe(200);
  }
  for (const host of ['other.example', `other.example:${port}`, `localhost.other.example:${port}`, '0.0.0.0']) {
    for (const path of ['/', `/pretrained/${WEIGHTS}`]) {
      expect((await ask(server, path, { headers: { Host: host } })).status, host).toBe(421);
    }
  }
});

test('sends the part of a file that is asked for', async ({ server }) => {
  const whole = readFileSync('public/thorax.svg');
  const files: [string, number][] = [
    ['/thorax.svg', whole.length],
    [`/pretrained/${WEIGHTS}`, WEIGHTS_BYTES],
  ];
  for (const [path, size] of files) {
    const part = (range: string) => ask(server, path, { headers: { Range: range } });
    const one = await part('bytes=0-0');
    expect(one.status).toBe(206);
    expect(one.body).toHaveLength(1);
    expect(one.headers['content-range']).toBe(`bytes 0-0/${size}`);
    const last = await part('bytes=-3');
    expect(last.body).toHaveLength(3);
    expect(last.headers['content-range']).toBe(`bytes ${size - 3}-${size - 1}/${size}`);
    expect((await part(`bytes=${size - 2}-${size + 5}`)).body).toHaveLength(2);
    for (const senseless of ['bytes=5-2', `bytes=${size}-`, 'bytes=-0']) {
      const { status, headers, body } = await part(senseless);
      expect(status, senseless).toBe(416);
      expect(headers['content-range']).toBe(`bytes */${size}`);
      expect(body.length).toBeLessThan(200);
    }
  }
  // Units that it does not know mean the whole file.
  expect((await ask(server, '/thorax.svg', { headers: { Range: 'lines=0-1' } })).body).toEqual(whole);
  const absent = await ask(server, '/pretrained/not-here.h5', { headers: { Range: 'bytes=5-2' } });
  expect(absent.status).toBe(416);
});

test('keeps nothing open of downloads that are broken off, and no memory of requests', async ({ server }) => {
  test.skip(process.platform !== 'linux', 'Descriptors and memory are read from /proc.');
  const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
  const memoryBytes = () => {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  };
  await ask(server, '/');
  const before = descriptors();
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 10 }, () => breakOff(server, `/pretrained/${WEIGHTS}`)));
  }
  await expect.poll(descriptors, { message: 'open descriptors' }).toBeLessThanOrEqual(before);

  const rounds = async (count: number) => {
    for (let round = 0; round < count; round += 1) {
      await Promise.all(['/', '/none', '/service-worker.js', '/thorax.svg'].map((path) => ask(server, path)));
    }
  };
  await rounds(50);
  const warm = memoryBytes();
  await rounds(250);
  expect(memoryBytes() - warm, 'bytes more after 1,000 requests').toBeLessThan(64 * 2 ** 20);
  expect(descriptors()).toBeLessThanOrEqual(before);
});

/** Begins a download and cuts the line once something has come. */
async function breakOff({ address }: Serving, path: string): Promise<void> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(socket, 'data');
  socket.destroy();
  await once(socket, 'close');
}
