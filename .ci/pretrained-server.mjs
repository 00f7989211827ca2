/**
 * @file `/pretrained/<file>` on the studio's server, dev and production alike: the official weights, through our origin.
 *
 * Only names of the catalogue are served. A file that is not cached yet is sent on while it comes from upstream. Its last bytes
 * wait until the checksum is known, so that no client ever has a whole wrong file. A failure is reported as JSON,
 * `{ sentence, restart }`: at once where nothing has been sent, else to the next request that resumes (`Range`).
 */

import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { PretrainedCache } from './pretrained-cache.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('./pretrained-cache.mjs').CatalogueFile} CatalogueFile */
/** @typedef {import('./pretrained-cache.mjs').FetchFailure} FetchFailure */

const PREFIX = '/pretrained/';
/** Held back until the checksum is known. */
const LAST_BYTES = 64 * 1024;

/**
 * As a plugin of Vite. `THORAX_PRETRAINED_CATALOGUE` names a file with another list, for tests with small files; the page
 * checks what it gets against its own list all the same.
 * @param {readonly CatalogueFile[]} catalogue
 * @returns {import('vite').Plugin}
 */
export function pretrainedServer(catalogue, cache = new PretrainedCache()) {
  const install = (/** @type {{ middlewares: import('vite').Connect.Server }} */ server) => {
    const other = process.env.THORAX_PRETRAINED_CATALOGUE;
    const files = other ? JSON.parse(readFileSync(other, 'utf8')) : catalogue;
    server.middlewares.use(pretrainedHandler(files, cache));
  };
  return { name: 'thorax-pretrained', configureServer: install, configurePreviewServer: install };
}

/**
 * A connect middleware.
 * @param {readonly CatalogueFile[]} catalogue
 * @param {PretrainedCache} cache
 * @returns {(request: IncomingMessage, response: ServerResponse, next: () => void) => void}
 */
export function pretrainedHandler(catalogue, cache) {
  /** @type {Map<string, FetchFailure>} */
  const failures = new Map();
  return (request, response, next) => {
    const path = (request.url ?? '').split('?')[0];
    if (!path.startsWith(PREFIX)) return next();
    answer(request, response, path.slice(PREFIX.length), { catalogue, cache, failures }).catch((error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, `The server failed: ${error.message}.`);
    });
  };
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {string} name
 * @param {{ catalogue: readonly CatalogueFile[], cache: PretrainedCache, failures: Map<string, FetchFailure> }} kept
 */
async function answer(request, response, name, { catalogue, cache, failures }) {
  const file = catalogue.find(({ fileName }) => fileName === name);
  if (!file) return refuse(response, 404, `${name} is not one of the files that this server keeps.`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Only GET is answered here.');
  // Another site open in the same browser must not set off a download.
  if (request.headers['sec-fetch-site'] === 'cross-site') return refuse(response, 403, 'Only the studio may ask this.');

  const { sizeBytes, fileName } = file;
  const start = rangeStart(request.headers.range);
  if (start >= sizeBytes) {
    response.setHeader('Content-Range', `bytes */${sizeBytes}`);
    return refuse(response, 416, `${fileName} ends before byte ${start}.`);
  }
  const path = await cache.find(file);
  if (path === null && request.method === 'GET') {
    const failure = failures.get(fileName);
    failures.delete(fileName);
    if (failure && start > 0) return refuse(response, 502, failure.message, failure.restart);
    return passOn(response, cache.fetch(file), start, failures);
  }
  writeHead(response, file, start);
  if (request.method === 'HEAD' || path === null) return response.end();
  const stream = createReadStream(path, { start });
  stream.on('error', () => response.destroy());
  stream.pipe(response);
}

/**
 * Sends a file while it is fetched.
 * @param {ServerResponse} response
 * @param {import('./pretrained-cache.mjs').PretrainedFetch} fetching
 * @param {number} start
 * @param {Map<string, FetchFailure>} failures
 */
async function passOn(response, fetching, start, failures) {
  const { file } = fetching;
  let at = start;
  let gone = false;
  response.on('close', () => {
    gone = true;
    fetching.emit('progress');
  });
  while (!gone && at < file.sizeBytes) {
    if (fetching.failure) {
      if (!response.headersSent) return refuse(response, 502, fetching.failure.message, fetching.failure.restart);
      failures.set(file.fileName, fetching.failure);
      return response.destroy();
    }
    const end = fetching.isChecked ? file.sizeBytes : Math.min(fetching.doneBytes, file.sizeBytes - LAST_BYTES);
    if (end <= at) {
      await once(fetching, 'progress');
      continue;
    }
    if (!response.headersSent) writeHead(response, file, start);
    // The file may be renamed between these two lines; the next round finds it under its new name.
    const sent = await sendRange(response, fetching.readablePath, at, end).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
      return 0;
    });
    at += sent;
  }
  if (!gone) response.end();
}

/**
 * @param {ServerResponse} response
 * @param {string} path
 * @param {number} start
 * @param {number} end
 * @returns {Promise<number>} the number of bytes sent.
 */
async function sendRange(response, path, start, end) {
  let sent = 0;
  for await (const chunk of createReadStream(path, { start, end: end - 1 })) {
    if (response.destroyed) return sent;
    sent += chunk.length;
    if (!response.write(chunk)) await drained(response);
  }
  return sent;
}

/**
 * Resolves when more can be written, or when the connection is closed.
 * @param {ServerResponse} response
 */
async function drained(response) {
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  settled.abort();
}

/**
 * @param {ServerResponse} response
 * @param {CatalogueFile} file
 * @param {number} start
 */
function writeHead(response, { sizeBytes, md5 }, start) {
  response.statusCode = start > 0 ? 206 : 200;
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Length', sizeBytes - start);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('ETag', `"${md5}"`);
  if (start > 0) response.setHeader('Content-Range', `bytes ${start}-${sizeBytes - 1}/${sizeBytes}`);
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {string} sentence
 */
function refuse(response, status, sentence, restart = false) {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-store');
  response.end(JSON.stringify({ sentence, restart }));
}

/**
 * Only `bytes=N-` is known, which resumes a download; any other range means the whole file.
 * @param {string | undefined} range
 */
function rangeStart(range) {
  const match = /^bytes=(\d+)-$/.exec(range ?? '');
  return match ? Number(match[1]) : 0;
}
