/**
 * @file The server of `npm start`: the built studio and the official weights, for this machine alone.
 *
 * Files are sent by `send`, Express' own: ranges, conditional requests, and no file left open by a broken connection. (The
 * preview server of the build tool is not made for this: it leaves one open for every download that is broken off, and
 * answers other methods, missing paths and senseless ranges with files.)
 */

import send from 'send';
import { HEADERS } from './headers.mjs';
import { pretrainedHandler } from './pretrained-server.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** Under another name the page of a foreign site may stand before this server (DNS rebinding). */
const OWN_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** Their names change with their content. */
const HASHED = /^\/assets\//;
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * @typedef {object} Served
 * @property {string} folder of the build.
 * @property {readonly import('./pretrained-cache.mjs').CatalogueFile[]} catalogue
 * @property {import('./pretrained-cache.mjs').PretrainedCache} cache of the official weights.
 */

/**
 * What answers requests; whoever listens for them names a loopback address.
 * @param {Served} served
 * @returns {(request: IncomingMessage, response: ServerResponse) => void}
 */
export function studioHandler({ folder, catalogue, cache }) {
  const sendPretrained = pretrainedHandler(catalogue, cache);
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (!OWN_NAME.test(request.headers.host ?? '')) {
      return refuse(response, 421, 'This server answers under the names localhost, 127.0.0.1 and [::1] alone.');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      // What the request brings along is not read.
      response.setHeader('Connection', 'close');
      return refuse(response, 405, 'This server answers GET and HEAD alone: nothing can be sent to it.');
    }
    sendPretrained(request, response, () => sendBuilt(request, response, folder));
  };
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {string} folder
 */
function sendBuilt(request, response, folder) {
  const [path] = (request.url ?? '').split('?');
  // The page stands at one address, so that all of it is known under one.
  if (!path.startsWith('/') || path === '/index.html') return refuse(response, 404, 'There is no such file here.');
  const hashed = HASHED.test(path);
  if (!hashed) response.setHeader('Cache-Control', 'no-cache');
  send(request, path === '/' ? '/index.html' : path, {
    root: folder,
    index: false,
    dotfiles: 'ignore',
    maxAge: hashed ? YEAR_MS : 0,
    immutable: hashed,
  })
    .on('directory', () => refuse(response, 404, 'There is no such file here.'))
    .on('error', (/** @type {{ status: number }} */ { status }) => {
      if (response.headersSent) response.destroy();
      else if (status === 416) refuse(response, 416, 'The file does not reach that far.');
      else if (status >= 500) refuse(response, 500, 'The file cannot be read.');
      else if (status === 412) refuse(response, 412, 'The file is another by now.');
      // A path that leaves the folder, or is none, names no file either.
      else refuse(response, 404, 'There is no such file here.');
    })
    .pipe(response);
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {string} sentence
 */
function refuse(response, status, sentence) {
  response.statusCode = status;
  for (const name of ['ETag', 'Last-Modified', 'Content-Length']) response.removeHeader(name);
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.end(`${sentence}\n`);
}
