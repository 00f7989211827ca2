/**
 * @file `npm start`: installs what is missing, builds the studio, serves it on this machine and prints its address.
 *
 * `PORT` chooses the port (4173, or the next free one). `--built` serves the build that is there.
 */

import { createServer } from 'node:http';
import { connect } from 'node:net';
import { installPackages, ROOT, requireNode } from './install.mjs';

const DEFAULT_PORT = 4173;
const PORTS_TRIED = 100;

requireNode();
const port = await choosePort();
await installPackages();

const vite = await import('vite');
if (!process.argv.includes('--built')) await vite.build({ root: ROOT, logLevel: 'warn' });

const address = `http://localhost:${port}/`;
const server = await vite
  .preview({
    root: ROOT,
    logLevel: 'warn',
    preview: { host: '127.0.0.1', port, strictPort: true, open: wantsBrowser() ? address : false },
  })
  .catch((error) => refuse(`Port ${port} cannot be used: ${error.message}`));
const second = serveOnSecondLoopback();

console.log('\nThorax is running on this machine. Open it in a current browser:\n');
console.log(address);
console.log('\nCtrl+C ends it.');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
if (process.env.npm_lifecycle_event) endWithParent();

function end() {
  second.close();
  server.httpServer.close();
  process.exit(0);
}

/** npm runs a script in a shell that dies of a signal without passing it on; the server must not outlive it. */
function endWithParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, 500).unref();
}

/** `localhost` may mean ::1 before 127.0.0.1; without IPv6 this listener fails, and none is needed. */
function serveOnSecondLoopback() {
  const listener = createServer(server.middlewares);
  listener.on('error', () => {});
  return listener.listen(Number(port), '::1');
}

/** The port of `PORT`, or the first free one from the default on; ends the process with a sentence when there is none. */
async function choosePort() {
  const wish = process.env.PORT;
  if (wish === undefined || wish === '') {
    for (let candidate = DEFAULT_PORT; candidate < DEFAULT_PORT + PORTS_TRIED; candidate += 1) {
      if (!(await isTaken(candidate))) return candidate;
    }
    return refuse(`Ports ${DEFAULT_PORT} to ${DEFAULT_PORT + PORTS_TRIED - 1} are all taken; set PORT to a free one.`);
  }
  const chosen = Number(wish);
  if (!Number.isInteger(chosen) || chosen < 1 || chosen > 65535) {
    return refuse(`PORT must be a whole number between 1 and 65535; "${wish}" is not.`);
  }
  if (await isTaken(chosen)) {
    return refuse(`Port ${chosen} is taken by another program; set PORT to a free one, or leave PORT out.`);
  }
  return chosen;
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

/**
 * True when something answers there, on either loopback address.
 * @param {number} candidate
 */
async function isTaken(candidate) {
  const answers = await Promise.all(['127.0.0.1', '::1'].map((host) => canConnect(host, candidate)));
  return answers.includes(true);
}

/**
 * @param {string} host
 * @param {number} candidate
 * @returns {Promise<boolean>}
 */
function canConnect(host, candidate) {
  return new Promise((resolve) => {
    const socket = connect({ host, port: candidate });
    const end = (/** @type {boolean} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Only for a person at a desktop: a terminal, no CI, and a display to open a window on. */
function wantsBrowser() {
  if (process.env.CI || !process.stdout.isTTY) return false;
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}
