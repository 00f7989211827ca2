/**
 * @file `npm run fuzz`: reads thousands of damaged files of each kind, and fails where one is neither read nor refused in a
 * sentence that names it.
 *
 * `npm run fuzz -- --kind png --count 500 --seed 7 --save FOLDER`. A file that failed is made again by its kind, seed and number.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleFuzz } from './bundle-fuzz.mjs';
import { installPackages, ROOT, requireNode, runCommand } from './install.mjs';

/** @typedef {import('../src/fuzz/run-kind').KindTask} KindTask */
/** @typedef {import('../src/fuzz/run-kind').KindLine} KindLine */
/** @typedef {Extract<KindLine, { type: 'end' }>} Ending */

/** Read by a browser's own decoders, in Vitest's browser. */
const BROWSER_KINDS = ['browser-jpeg', 'browser-webp', 'browser-bmp'];

const FAILURES = /** @type {const} */ (['crash', 'hang', 'memory', 'leftover']);

requireNode();
await installPackages();
const choice = readChoice();
const bundle = await bundleFuzz(['run-kind', 'fuzz-thread', 'file-thread', 'kind-names']);
process.on('exit', () => bundle.remove());
// The kind at hand says what it has read until then; those after it are left out.
let isEnded = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => (isEnded = true));

/** @type {{ KIND_NAMES: string[] }} */
const { KIND_NAMES } = await import(bundle.urlOf('kind-names').href);
const names = [...KIND_NAMES, ...BROWSER_KINDS];
const unknown = choice.kinds.filter((kind) => !names.includes(kind));
if (unknown.length > 0) refuse(`No kind ${unknown.join(', ')}. There are: ${names.join(', ')}.`);

console.log(`Seed ${choice.seed}, ${choice.count} files of each kind`);
console.log(
  '| kind | files | refused | read | given up | crashes | hangs | too much memory | left behind | largest memory | time |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
let failed = false;
for (const kind of choice.kinds.length > 0 ? choice.kinds : names) {
  if (isEnded) break;
  const task = { kind, seed: choice.seed, count: choice.count, folder: choice.folder };
  const ended = await (BROWSER_KINDS.includes(kind) ? runInBrowser(task) : runKind(task));
  if (ended) console.log(rowOf(kind, ended));
  failed ||= ended === null || FAILURES.some((failure) => ended.tally[failure] > 0);
}
process.exit(failed ? 1 : 0);

/**
 * Runs one kind in a process of its own.
 * @param {KindTask} task
 * @returns {Promise<Ending | null>} null when the process died.
 */
function runKind(task) {
  return new Promise((settle) => {
    const script = fileURLToPath(bundle.urlOf('run-kind'));
    const child = spawn(process.execPath, [script, JSON.stringify(task)], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const end = () => void child.kill();
    process.on('SIGTERM', end);
    /** @type {Ending | null} */
    let ended = null;
    let done = 0;
    createInterface({ input: child.stdout }).on('line', (text) => {
      /** @type {KindLine} */
      const line = JSON.parse(text);
      if (line.type === 'end') ended = line;
      else if (line.type === 'failure') showFailure(task, line);
      else done = line.done;
      if (line.type === 'progress') process.stderr.write(`${task.kind}: ${done}${process.stderr.isTTY ? '\r' : '\n'}`);
    });
    child.on('close', (code) => {
      process.off('SIGTERM', end);
      if (!ended) console.error(`${task.kind}: the process died (${code}) behind file ${done} of seed ${task.seed}.`);
      settle(ended);
    });
  });
}

/**
 * @param {KindTask} task
 * @returns {Promise<Ending | null>} null when the test came to no end.
 */
async function runInBrowser({ kind, seed, count, folder }) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'gpu', 'src/fuzz/browser-images'];
  const env = { ...process.env, VITE_FUZZ_KIND: kind, VITE_FUZZ_COUNT: String(count), VITE_FUZZ_SEED: String(seed) };
  /** @type {Ending | null} */
  let ended = null;
  const onLine = (/** @type {string} */ line) => {
    if (!line.startsWith('{"fuzzed"')) return;
    const { tally, timeMs, failures } = JSON.parse(line);
    ended = { type: 'end', tally, timeMs, peakBytes: null };
    for (const { index, outcome, parts } of failures) {
      const savedAs = folder && saveParts(join(folder, `${kind}-${seed}-${index}`), parts);
      showFailure({ kind, seed, count, folder }, { type: 'failure', index, outcome, savedAs });
    }
  };
  await runCommand(process.execPath, args, { env, onLine });
  if (!ended)
    console.error(`${kind}: the browser came to no end. Run \`npm test -- --only gpu browser-images\` for its words.`);
  return ended;
}

/**
 * @param {string} folder
 * @param {Record<string, string>} parts in base64.
 * @returns {string} the folder.
 */
function saveParts(folder, parts) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(parts)) writeFileSync(join(folder, name), Buffer.from(text, 'base64'));
  return folder;
}

/**
 * @param {KindTask} task
 * @param {Extract<KindLine, { type: 'failure' }>} failure
 */
function showFailure({ kind, seed }, { index, outcome, savedAs }) {
  const what = 'what' in outcome ? outcome.what : '';
  console.error(
    `FAILED ${kind}, seed ${seed}, file ${index}: ${outcome.kind}: ${what}${savedAs ? `\n  saved in ${savedAs}` : ''}`,
  );
}

/**
 * @param {string} kind
 * @param {Ending} ending
 */
function rowOf(kind, { tally, peakBytes, timeMs }) {
  const files = Object.values(tally).reduce((sum, count) => sum + count, 0);
  const counts = [files, tally.refused, tally.read, tally['given up'], ...FAILURES.map((failure) => tally[failure])];
  const cells = [kind, ...counts.map((count) => count.toLocaleString('en'))];
  const memory = peakBytes === null ? 'not measured' : `${Math.round(peakBytes / 2 ** 20)} MiB`;
  return `| ${[...cells, memory, `${Math.round(timeMs / 1000)} s`].join(' | ')} |`;
}

function readChoice() {
  try {
    const { values } = parseArgs({
      options: {
        kind: { type: 'string', multiple: true, default: [] },
        count: { type: 'string', default: '10000' },
        seed: { type: 'string', default: '1' },
        save: { type: 'string' },
      },
    });
    const [count, seed] = [Number(values.count), Number(values.seed)];
    if (!Number.isInteger(count) || count < 1) throw new Error('--count takes a whole number.');
    if (!Number.isInteger(seed)) throw new Error('--seed takes a whole number.');
    const folder = values.save === undefined ? null : resolve(process.env.INIT_CWD ?? process.cwd(), values.save);
    return { kinds: values.kind, count, seed, folder };
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : error} Use --kind, --count, --seed and --save.`);
  }
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}
