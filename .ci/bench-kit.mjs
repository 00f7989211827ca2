/** @file What the two benchmark commands share: the sources served by Vite, the options, and the end. */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { ISOLATION } from './headers.mjs';
import { installPackages, ROOT, requireNode } from './install.mjs';

/** @typedef {import('vite').ViteDevServer} ViteDevServer */
/** @typedef {import('../src/bench/options').BenchOptions} BenchOptions */
/** @typedef {import('../src/bench/run-benchmark').BenchTask} BenchTask */

/** Prepared beforehand: one that is found later would load the page anew. */
const PACKAGES = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-webgpu',
  'valibot',
  'wasm-feature-detect',
];

/**
 * Installs what is missing and reads the command's words; ends the process with a sentence when they make no sense.
 * @param {import('vite').ServerOptions} [serverOptions] of Vite.
 * @returns {Promise<{ vite: ViteDevServer, task: BenchTask }>}
 */
export async function openBench(serverOptions = {}) {
  requireNode();
  await installPackages();
  const { createServer } = await import('vite');
  // AssemblyScript is among the packages just installed.
  const { assemblyPlugin } = await import('./assembly-plugin.mjs');
  const vite = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    appType: 'custom',
    plugins: [assemblyPlugin()],
    // Not the folder of `npm run dev`, whose other settings would discard ours.
    cacheDir: 'node_modules/.vite/bench',
    // Nothing may reload the page while it measures.
    server: { hmr: false, ws: false, watch: null, headers: ISOLATION, ...serverOptions },
    optimizeDeps: { include: PACKAGES },
  });
  const { parseOptions, USAGE } = await vite.ssrLoadModule('/src/bench/options.ts');
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    process.exit(0);
  }
  const options = orRefuse(() => parseOptions(process.argv.slice(2)), '');
  const path = pathOf(options);
  // Checked first, so that an hour of measuring does not fail at its end.
  if (path) orRefuse(() => closeSync(openSync(path, 'a')), 'The numbers cannot be written there: ');
  const keras = await readKeras(vite, options);
  return { vite, task: { options, commit: describeCommit(), processor: describeProcessor(), keras } };
}

/**
 * Keras' numbers, and prints where they come from.
 * @param {ViteDevServer} vite
 * @param {BenchOptions} options
 */
async function readKeras(vite, { kerasPath }) {
  if (!kerasPath) return null;
  const { parseKerasNumbers, kerasLines } = await vite.ssrLoadModule('/src/bench/keras-numbers.ts');
  const text = orRefuse(() => readFileSync(seenFromCaller(kerasPath), 'utf8'), "Keras' numbers cannot be read: ");
  const numbers = orRefuse(() => parseKerasNumbers(JSON.parse(text)), "Keras' numbers cannot be read: ");
  for (const line of kerasLines(numbers)) console.log(line);
  return numbers;
}

/**
 * @template T
 * @param {() => T} work
 * @param {string} before the sentence.
 * @returns {T}
 */
function orRefuse(work, before) {
  try {
    return work();
  } catch (error) {
    return refuse(`${before}${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Where `--json` points, seen from where the command was given.
 * @param {BenchOptions} options
 */
function pathOf({ jsonPath }) {
  return jsonPath && seenFromCaller(jsonPath);
}

/** @param {string} path */
function seenFromCaller(path) {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** A browser does not say. */
function describeProcessor() {
  return `${cpus()[0]?.model.trim() || 'Unnamed processor'}, cores: ${availableParallelism()}`;
}

/**
 * Prints an event and writes the file of `--json` after each measurement.
 * @param {ViteDevServer} vite
 * @param {BenchTask} task
 * @param {import('../src/bench/report').BenchEvent} event
 * @returns {Promise<number | null>} the exit code of the process; null while more events are to come.
 */
export async function showEvent(vite, task, event) {
  if (event.type === 'line') {
    console.log(event.text);
    return null;
  }
  if (event.type === 'failed') {
    console.error(event.sentence);
    return 1;
  }
  const path = pathOf(task.options);
  if (path) writeFileSync(path, `${JSON.stringify(event.report, null, 2)}\n`);
  if (event.type === 'measured') return null;
  const { formatReport } = await vite.ssrLoadModule('/src/bench/table.ts');
  console.log(`\n${formatReport(event.report)}`);
  if (path) console.log(`\nNumbers written to ${path}`);
  const soaks = Object.values(event.report.soak ?? {});
  return soaks.some(({ complaints }) => complaints.length > 0) ? 1 : 0;
}

/**
 * @param {string} sentence
 * @returns {never}
 */
export function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Short hash, marked where files differ from it. */
function describeCommit() {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    return git('rev-parse', '--short', 'HEAD').trim() + (git('status', '--porcelain').trim() ? '+changes' : '');
  } catch {
    return 'unknown';
  }
}
