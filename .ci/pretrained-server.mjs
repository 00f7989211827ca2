/**
 * @file `/pretrained/<file>` on the studio's server, dev and production alike: the official weights, through our origin.
 *
 * Only names of the catalogue are served. A file that is not cached yet is sent on while it comes from upstream. Its last bytes
 * wait until the checksum is known, so that no client ever has a whole wrong file. A failure is reported as JSON,
 * `{ sentence, restart }`: at once where nothing has been sent, else to the next request that resumes (`Range`).
 */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path';
import parseRange from 'range-parser';
import send from 'send';
import { PretrainedCache } from './pretrained-cache.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('./pretrained-cache.mjs').CatalogueFile} CatalogueFile */
/** @typedef {import('./pretrained-cache.mjs').FetchFailure} FetchFailure */

const PREFIX = '/pretrained/';
/** Held back until the checksum is known. */
const LAST_BYTES = 64 * 1024;

/**
 * As a plugin of Vite's development server.
 * @param {readonly CatalogueFile[]} catalogue
 * @returns {import('vite').Plugin}
 */
export function pretrainedServer(catalogue) {
  return {
    name: 'thorax-pretrained',
    configureServer: ({ middlewares }) => void middlewares.use(pretrainedHandler(catalogue, new PretrainedCache())),
  };
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
  // A page of another origin open in the same browser must not set off a download. Programs send no such header.
  if (!['same-origin', 'none', undefined].includes(request.headers['sec-fetch-site']?.toString()))
    return refuse(response, 403, 'Only the studio may ask this.');

  const { sizeBytes, fileName } = file;
  const range = readRange(request, sizeBytes);
  if (range === null) {
    response.setHeader('Content-Range', `bytes */${sizeBytes}`);
    return refuse(response, 416, `${fileName} has no such part.`);
  }
  const path = await cache.find(file);
  if (path !== null) {
    setHeaders(response, file);
    return sendWhole(request, response, path);
  }
  if (request.method === 'HEAD') {
    setHeaders(response, file);
    writeHead(response, range, sizeBytes);
    return response.end();
  }
  const failure = failures.get(fileName);
  failures.delete(fileName);
  if (failure && range.start > 0) return refuse(response, 502, failure.message, failure.restart);
  return passOn(response, cache.fetch(file), range, failures);
}

/**
 * Sends a file that is kept.
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {string} path
 */
function sendWhole(request, response, path) {
  send(request, encodeURIComponent(basename(path)), { root: dirname(path) })
    .on('error', ({ status }) => {
      if (response.headersSent) response.destroy();
      else refuse(response, status, `${basename(path)} cannot be sent (${status}).`);
    })
    .pipe(response);
}

/**
 * Sends a file while it is fetched.
 * @param {ServerResponse} response
 * @param {import('./pretrained-cache.mjs').PretrainedFetch} fetching
 * @param {ByteRange} range
 * @param {Map<string, FetchFailure>} failures
 */
async function passOn(response, fetching, range, failures) {
  const { file } = fetching;
  const rangeEnd = range.end + 1;
  let at = range.start;
  let gone = false;
  response.on('close', () => {
    gone = true;
    fetching.emit('progress');
  });
  while (!gone && at < rangeEnd) {
    if (fetching.failure) {
      if (!response.headersSent) return refuse(response, 502, fetching.failure.message, fetching.failure.restart);
      failures.set(file.fileName, fetching.failure);
      return response.destroy();
    }
    const ready = fetching.isChecked ? file.sizeBytes : Math.min(fetching.doneBytes, file.sizeBytes - LAST_BYTES);
    const end = Math.min(ready, rangeEnd);
    if (end <= at) {
      await once(fetching, 'progress');
      continue;
    }
    if (!response.headersSent) {
      setHeaders(response, file);
      writeHead(response, range, file.sizeBytes);
    }
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
 */
function setHeaders(response, { md5 }) {
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('ETag', `"${md5}"`);
}

/**
 * @param {ServerResponse} response
 * @param {ByteRange} range
 * @param {number} sizeBytes
 */
function writeHead(response, { start, end }, sizeBytes) {
  const whole = start === 0 && end === sizeBytes - 1;
  response.statusCode = whole ? 200 : 206;
  response.setHeader('Content-Length', end - start + 1);
  if (!whole) response.setHeader('Content-Range', `bytes ${start}-${end}/${sizeBytes}`);
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

/** @typedef {{ start: number, end: number }} ByteRange `end` is the last byte of it. */

/**
 * The part that is asked for; the whole file where none is, or several are, or the words are not understood.
 * @param {IncomingMessage} request
 * @param {number} sizeBytes
 * @returns {ByteRange | null} null when the file has no such part.
 */
function readRange(request, sizeBytes) {
  const whole = { start: 0, end: sizeBytes - 1 };
  const ranges = parseRange(sizeBytes, request.headers.range ?? '', { combine: true });
  if (ranges === -1) return null;
  return ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 ? whole : ranges[0];
}
