/**
 * @file The notebook's recipes trained by the studio as a person does it, from random weights, for a table of accuracies and times.
 *
 * `node e2e/measure-training.mjs --data FOLDER --network baseline --size 224 --epochs 15 --seed 1,2,3 --out runs.jsonl`: builds the
 * studio, and for each seed opens it in a headless browser, drops the folder, sets the fields, clicks Train and reads the stored
 * record when the run has ended. Every run that ends adds one line to the file; a run that stands there already is left out, so that
 * the command can be given again. Counterpart: reference/train_keras.py.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installPackages, ROOT, requireNode } from '../.ci/install.mjs';

/** A browser that died is started once more. */
const ATTEMPTS = 2;
const NETWORKS = ['baseline', 'vgg16', 'inceptionv3', 'densenet121'];

const plan = readPlan();
requireNode();
await installPackages();
const { findOrInstallBrowser } = await import('../.ci/browser.mjs');
if (!(await findOrInstallBrowser())) refuse('No browser: install Chrome or Chromium.');
if (!plan.built) await (await import('vite')).build({ root: ROOT, logLevel: 'warn' });

let failed = 0;
for (const seed of plan.seeds) {
  const run = { ...plan.recipe, seed };
  if (isDone(run)) console.log(`seed ${seed}: done before`);
  else if (!(await trainOnce({ run, ...plan }))) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);

function readPlan() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      network: { type: 'string' },
      size: { type: 'string', default: '224' },
      batch: { type: 'string', default: '32' },
      epochs: { type: 'string', default: '15' },
      seed: { type: 'string', default: '1' },
      device: { type: 'string', default: 'processor' },
      out: { type: 'string' },
      built: { type: 'boolean', default: false },
    },
  });
  const { data, network, out, built } = values;
  if (!data || !existsSync(data)) refuse('--data must name the folder of the radiographs.');
  if (!network || !NETWORKS.includes(network)) refuse(`--network must be one of ${NETWORKS.join(', ')}.`);
  if (!out) refuse('--out must name the file that the runs are added to.');
  const wholeNumber = (/** @type {string} */ text) => {
    const value = Number(text);
    return Number.isInteger(value) && value > 0 ? value : refuse(`${text} is not a whole number above 0.`);
  };
  const recipe = {
    network,
    inputSize: wholeNumber(values.size),
    batch: wholeNumber(values.batch),
    epochs: wholeNumber(values.epochs),
    weights: 'random',
  };
  const seeds = values.seed.split(',').map(wholeNumber);
  return {
    recipe,
    seeds,
    data: resolve(data),
    device: values.device,
    out: resolve(out),
    built,
    commit: describeCommit(),
  };
}

/** @param {Record<string, unknown>} run */
function isDone(run) {
  if (!existsSync(plan.out)) return false;
  const lines = readFileSync(plan.out, 'utf8').split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line))
    .some(
      ({ trainedBy, ...stored }) => trainedBy === 'thorax' && Object.keys(run).every((key) => stored[key] === run[key]),
    );
}

/** @param {{ run: Record<string, unknown> }} task */
async function trainOnce(task) {
  const playwright = join(createRequire(import.meta.url).resolve('@playwright/test/package.json'), '..', 'cli.js');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const env = { ...process.env, THORAX_TRAINING: JSON.stringify(task), THORAX_E2E_PORT: String(await freePort()) };
    const words = [playwright, 'test', '--config', join(ROOT, 'e2e', 'measure-training.config.ts')];
    spawnSync(process.execPath, words, { cwd: ROOT, env, stdio: 'inherit' });
    if (isDone(task.run)) return true;
    console.log(`seed ${task.run.seed}: attempt ${attempt} of ${ATTEMPTS} failed`);
  }
  return false;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Short hash, marked where files differ from it. */
function describeCommit() {
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') ? '+changes' : '');
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}
