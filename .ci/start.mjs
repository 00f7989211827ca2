/**
 * @file `npm start`: installs what is missing, builds the studio, serves it on this machine and prints its address.
 *
 * `PORT` chooses the port (4173, or the next free one). `--built` serves the build that is there.
 */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { BUILD } from './checks.mjs';
import { installPackages, ROOT, requireNode, runCommand } from './install.mjs';

const DEFAULT_PORT = 4173;
const PORTS_TRIED = 100;
const BUILT = join(ROOT, 'dist');

requireNode();
const port = await choosePort();
await installPackages();

if (!process.argv.includes('--built')) {
  // A process of its own: what building takes, over a gigabyte of memory, must not stay with the server.
  const code = await runCommand(process.execPath, [BUILD.program, ...BUILD.args]);
  if (code !== 0) refuse('The studio could not be built; the reason stands above.');
} else if (!existsSync(join(BUILT, 'index.html'))) refuse('Nothing has been built yet: leave --built out.');

// Its packages have just been installed.
const { studioHandler } = await import('./studio-server.mjs');
const { PretrainedCache } = await import('./pretrained-cache.mjs');
const handler = studioHandler({ folder: BUILT, catalogue: readCatalogue(), cache: new PretrainedCache() });
const server = createServer(handler);
await listen(server, '127.0.0.1').catch((error) => refuse(`Port ${port} cannot be used: ${error.message}`));
// `localhost` may mean ::1 before 127.0.0.1; without IPv6 this listener fails, and none is needed.
const second = createServer(handler);
await listen(second, '::1').catch(() => undefined);
const address = `http://localhost:${port}/`;
if (wantsBrowser()) openBrowser();

console.log('\nThorax is running on this machine. Open it in a current browser:\n');
console.log(address);
console.log('\nCtrl+C ends it.');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
if (process.env.npm_lifecycle_event) endWithParent();

function end() {
  second.close();
  server.close();
  process.exit(0);
}

/** npm runs a script in a shell that dies of a signal without passing it on; the server must not outlive it. */
function endWithParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, 500).unref();
}

/**
 * @param {import('node:http').Server} listener
 * @param {string} host a loopback address: no other machine reaches it.
 * @returns {Promise<void>}
 */
function listen(listener, host) {
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(Number(port), host, resolve);
  });
}

/**
 * The files that the page may ask for. `THORAX_PRETRAINED_CATALOGUE` names another list, for tests with small files; the page
 * checks what it gets against its own list all the same.
 */
function readCatalogue() {
  const path = process.env.THORAX_PRETRAINED_CATALOGUE ?? join(ROOT, 'src', 'exchange', 'pretrained-files.json');
  return JSON.parse(readFileSync(path, 'utf8'));
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

/** In the person's own browser. Where that fails, the address is printed all the same. */
function openBrowser() {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', address]
        : ['xdg-open', address];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
