/**
 * @file Brings a fresh clone to the point where it can run: the Node version, then the packages.
 *
 * Node's built-ins only, because nothing else is there yet.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const LEAST_NODE = [20, 19];

const LAST_LINES_MS = 2000;

/** Ends the process with a sentence when this Node is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  const least = LEAST_NODE.join('.');
  console.error(
    `Thorax needs Node ${least} or newer; this is Node ${process.versions.node}. Get one at https://nodejs.org/.`,
  );
  process.exit(1);
}

/** Runs `npm ci` when the installed packages are not those of package-lock.json; ends the process when that fails. */
export async function installPackages() {
  const lack = describeLack();
  if (lack === null) return;
  console.log(`Installing the packages of package-lock.json (npm ci), because ${lack}. This happens once.`);
  const code = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (code === 0) return;
  console.error('npm ci failed, see above. Thorax needs a package registry this once; then start again.');
  process.exit(code);
}

/** Why an installation is needed, or null. Versions are compared, because file times say little after a checkout. */
function describeLack() {
  let installed;
  try {
    installed = readLock(join('node_modules', '.package-lock.json'));
  } catch {
    return 'node_modules is not there or not complete';
  }
  for (const [path, entry] of Object.entries(readLock('package-lock.json'))) {
    // Optional packages are mostly those of other platforms.
    if (path === '' || entry.optional || entry.devOptional) continue;
    if (installed[path]?.version !== entry.version) return `${path} is not at version ${entry.version}`;
  }
  return null;
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>}
 */
function readLock(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages;
}

/** @param {string[]} args */
function runNpm(args) {
  // Under `npm start` npm names its own script; without it, a shell finds npm (npm.cmd on Windows).
  const script = process.env.npm_execpath;
  if (script?.endsWith('npm-cli.js')) return runCommand(process.execPath, [script, ...args]);
  return runCommand('npm', args, { shell: process.platform === 'win32' });
}

/**
 * Runs a command from the root with this process's output.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { onLine?: (line: string) => void }} [options] `onLine` takes each
 *   line of its output and its errors instead of this process's output.
 * @returns {Promise<number>} its exit code; 1 when it cannot be started or was ended by a signal.
 */
export function runCommand(command, args, { onLine, ...options } = {}) {
  const output = onLine ? 'pipe' : 'inherit';
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', output, output], ...options });
    if (onLine)
      for (const input of [child.stdout, child.stderr]) if (input) createInterface({ input }).on('line', onLine);
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    // Its last lines come between the two, unless a process it left behind holds the pipe.
    child.on('close', (code) => resolve(code ?? 1));
    child.on('exit', (code) => setTimeout(() => resolve(code ?? 1), LAST_LINES_MS).unref());
  });
}

/**
 * Runs the program of an installed package, as npx would, with Node itself.
 * @param {string} script path below node_modules.
 * @param {string[]} args
 * @param {Parameters<typeof runCommand>[2]} [options]
 */
export function runInstalled(script, args, options) {
  return runCommand(process.execPath, [join(ROOT, 'node_modules', script), ...args], options);
}
