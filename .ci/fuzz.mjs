/**
 * @file `npm run fuzz`: reads thousands of damaged files of each kind, and fails where one is neither read nor refused in a
 * sentence that names it.
 *
 * `npm run fuzz -- --kind png --count 500 --seed 7 --save FOLDER`. A file that failed is made again by its kind, seed and number.
 */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleFuzz } from './bundle-fuzz.mjs';
import { installPackages, ROOT, requireNode } from './install.mjs';

/** @typedef {import('../src/fuzz/run-kind').KindTask} KindTask */
/** @typedef {import('../src/fuzz/run-kind').KindLine} KindLine */
/** @typedef {Extract<KindLine, { type: 'end' }>} Ending */

const FAILURES = /** @type {const} */ (['crash', 'hang', 'memory', 'leftover']);

requireNode();
await installPackages();
const choice = readChoice();
const bundle = await bundleFuzz(['run-kind', 'fuzz-thread', 'file-thread', 'kind-names']);
process.on('exit', () => bundle.remove());
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => process.exit(1));

/** @type {{ KIND_NAMES: string[] }} */
const { KIND_NAMES } = await import(bundle.urlOf('kind-names').href);
const unknown = choice.kinds.filter((kind) => !KIND_NAMES.includes(kind));
if (unknown.length > 0) refuse(`No kind ${unknown.join(', ')}. There are: ${KIND_NAMES.join(', ')}.`);

console.log(`Seed ${choice.seed}, ${choice.count} files of each kind`);
console.log(
  '| kind | files | refused | read | given up | crashes | hangs | too much memory | left behind | largest memory | time |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
let failed = false;
for (const kind of choice.kinds.length > 0 ? choice.kinds : KIND_NAMES) {
  const ended = await runKind({ kind, seed: choice.seed, count: choice.count, folder: choice.folder });
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
    /** @type {Ending | null} */
    let ended = null;
    let done = 0;
    createInterface({ input: child.stdout }).on('line', (text) => {
      /** @type {KindLine} */
      const line = JSON.parse(text);
      if (line.type === 'end') ended = line;
      else if (line.type === 'failure') showFailure(task, line);
      else done = line.done;
      if (line.type === 'progress' && process.stderr.isTTY) process.stderr.write(`${task.kind}: ${done}\r`);
    });
    child.on('close', (code) => {
      if (!ended) console.error(`${task.kind}: the process died (${code}) behind file ${done} of seed ${task.seed}.`);
      settle(ended);
    });
  });
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
  return `| ${[...cells, `${Math.round(peakBytes / 2 ** 20)} MiB`, `${Math.round(timeMs / 1000)} s`].join(' | ')} |`;
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
