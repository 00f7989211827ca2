/**
 * @file `npm run mutants`: plants the wrong changes of `.ci/mutants/` one by one, in memory, and runs the tests that should
 * notice. Lists those that no test notices.
 *
 * `npm run mutants -- shift adam` plants those whose name or file holds a word; `--gpu` adds those that only a browser with
 * WebGPU can notice. Exits with 1 when a change is not noticed and the list does not explain why, when a change is noticed that
 * the list calls unnoticed, when the text to change does not stand exactly once in its file, or when a test fails unchanged.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, ROOT, requireNode } from './install.mjs';
import { MUTANTS } from './mutants/list.mjs';

/** @typedef {import('./mutants/list.mjs').Mutant} Mutant */
/** @typedef {import('vitest/node').Vitest} Vitest */

requireNode();
await installPackages();
const { MODULE_IDS } = await import('./assembly-plugin.mjs');
const words = process.argv.slice(2).filter((word) => word !== '--gpu');
const withGpu = process.argv.includes('--gpu');
const asked = MUTANTS.filter(
  ({ name, file }) => words.length === 0 || words.some((word) => `${name} ${file}`.includes(word)),
);
const misplaced = asked.filter(({ file, find }) => textOf(file).split(find).length !== 2);
for (const { name, file, find } of misplaced) console.error(`${name}: ${file} does not hold once: ${find}`);

/** @type {Mutant | null} the change that is planted now. */
let planted = null;
/** @type {{ mutant: Mutant, noticed: boolean }[]} */
const results = [];
let failsUnchanged = false;
for (const project of /** @type {const} */ (['unit', 'gpu'])) {
  const mutants = asked.filter(
    (mutant) => !misplaced.includes(mutant) && (mutant.gpu === true) === (project === 'gpu'),
  );
  if (mutants.length === 0 || (project === 'gpu' && !withGpu)) continue;
  const allTests = [...new Set(mutants.flatMap(({ tests }) => tests))];
  let vitest = await openVitest(project);
  /** Runs tests with a change, or with none. */
  const noticesWith = async (/** @type {Mutant | null} */ mutant, /** @type {string[]} */ tests) => {
    const changed = [planted, mutant].filter((change) => change !== null);
    planted = mutant;
    process.env.THORAX_MUTANT = mutant?.name ?? '';
    for (const { file } of changed) for (const id of modulesOf(file)) vitest.invalidateFile(id);
    if (project === 'gpu' && changed.length > 0) {
      // An open browser keeps the modules that it has loaded.
      await vitest.close();
      vitest = await openVitest(project);
    }
    return await notices(vitest, tests);
  };
  failsUnchanged ||= await noticesWith(null, allTests);
  if (failsUnchanged) {
    console.error(`The ${project} tests fail without any change; mend them first.`);
  } else {
    for (const mutant of mutants) {
      const noticed = await noticesWith(mutant, mutant.tests);
      results.push({ mutant, noticed });
      console.log(`${noticed ? 'noticed ' : 'SURVIVED'}  ${mutant.name}  (${mutant.file})`);
    }
    // Otherwise a change has stayed planted, and the later results mean nothing.
    failsUnchanged = await noticesWith(null, allTests);
    if (failsUnchanged) console.error(`The ${project} tests fail after the last change was taken back.`);
  }
  await vitest.close();
}
finish();

/**
 * What Vite knows a source file as: the processor's kernels are one module.
 * @param {string} file
 */
function modulesOf(file) {
  return file.includes('/assembly/') ? MODULE_IDS : [join(ROOT, file)];
}

/** @param {string} file */
function textOf(file) {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/**
 * Vitest without reports.
 * @param {'unit' | 'gpu'} project
 * @returns {Promise<Vitest>}
 */
async function openVitest(project) {
  process.env.THORAX_MUTANT_PROJECT = project;
  const { createVitest } = await import('vitest/node');
  const config = join(ROOT, '.ci', 'mutants', 'vitest.config.mjs');
  const vitest = await createVitest('test', { config, root: ROOT, watch: false, reporters: [{}] });
  await vitest.standalone();
  return vitest;
}

/**
 * Runs the test files whose path holds one of the words.
 * @param {Vitest} vitest
 * @param {string[]} tests
 * @returns {Promise<boolean>} whether any of them fails.
 */
async function notices(vitest, tests) {
  const files = await vitest.globTestSpecifications(tests);
  if (files.length === 0) throw new Error(`No test file holds any of: ${tests.join(', ')}`);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(files);
  return unhandledErrors.length > 0 || testModules.some((module) => module.state() === 'failed');
}

function finish() {
  const survivors = results.filter(({ noticed }) => !noticed).map(({ mutant }) => mutant);
  const explained = survivors.filter(({ survives }) => survives);
  const unexplained = survivors.filter(({ survives }) => !survives);
  const wronglyExplained = results.filter(({ noticed, mutant }) => noticed && mutant.survives);
  if (explained.length > 0) console.log('\nNot noticed, as explained:');
  for (const { name, survives } of explained) console.log(`- ${name}: ${survives}`);
  if (unexplained.length > 0)
    console.log('\nNot noticed, and not explained: write a test, or say in the list why none can.');
  for (const { name, file, tests } of unexplained) console.log(`- ${name} (${file}; ran: ${tests.join(', ')})`);
  for (const { mutant } of wronglyExplained)
    console.log(`\n${mutant.name} is noticed now: take its explanation off the list.`);
  const left = asked.filter(({ gpu }) => gpu && !withGpu).length;
  const rest = left > 0 ? `, ${left} left to --gpu` : '';
  console.log(`\n${results.length - survivors.length} noticed, ${survivors.length} survived${rest}`);
  const bad = unexplained.length + wronglyExplained.length + misplaced.length;
  process.exit(bad === 0 && !failsUnchanged && results.length > 0 ? 0 : 1);
}
