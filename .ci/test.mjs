/**
 * @file `npm test`: installs what is missing, checks the code, runs every test and ends with their count.
 *
 * `npm test -- --only unit|gpu|e2e` runs one part; further words go to its runner, as in `--only e2e train`.
 * `npm run check` (`--only check`) stops after types, lint and boundaries.
 * The checks of the code stop the run at the first that fails; the test runners all run, so that one count tells all.
 */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { installPackages, ROOT, requireNode, runInstalled } from './install.mjs';

/** Where the runners leave their counts, and Playwright its screenshots. */
const RESULTS = join('e2e', '.results');

/** A hung runner must not hang the whole. */
const RUNNER_LIMIT_MS = 30 * 60_000;

const CHECKS = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['--noEmit'] },
  { name: 'lint and format', script: '@biomejs/biome/bin/biome', args: ['check', '.'] },
  {
    name: 'boundaries between modules',
    script: 'dependency-cruiser/bin/dependency-cruise.mjs',
    args: ['--config', '.ci/boundaries.cjs', 'src'],
  },
];
const BUILD = { name: 'production build', script: 'vite/bin/vite.js', args: ['build', '--logLevel', 'warn'] };
const PARTS = ['check', 'unit', 'gpu', 'e2e'];

requireNode();
const { parts, words } = readArguments(process.argv.slice(2));
const runs = (part) => parts.includes(part);
await installPackages();
rmSync(join(ROOT, RESULTS), { recursive: true, force: true });
mkdirSync(join(ROOT, RESULTS), { recursive: true });

if (runs('gpu') || runs('e2e')) await step('browser', prepareBrowser);
if (runs('check')) for (const check of CHECKS) await step(check.name, () => runInstalled(check.script, check.args));
if (runs('e2e')) await step(BUILD.name, () => runInstalled(BUILD.script, BUILD.args));

const runners = [];
if (runs('unit')) runners.push(await runVitest('unit'));
if (runs('gpu')) runners.push(await runVitest('gpu'));
if (runs('e2e')) runners.push(await runPlaywright());

if (runners.length > 0) finish(runners);

/** Runs one step under its name and time; ends the process when it fails. */
async function step(name, work) {
  const failed = await timed(name, work);
  if (failed === 0) return;
  console.error(`\nStopped: "${name}" failed, so no test ran.`);
  process.exit(1);
}

/** @returns {Promise<number>} the exit code of `work`. */
async function timed(name, work) {
  console.log(`\n== ${name} ==`);
  const startedAt = performance.now();
  const code = await work();
  console.log(
    `== ${name}: ${code === 0 ? 'done' : 'FAILED'} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s ==`,
  );
  return code;
}

async function prepareBrowser() {
  const { findOrInstallBrowser } = await import('./browser.mjs');
  const browser = await findOrInstallBrowser();
  console.log(
    browser ? `Tests run in: ${browser.name}` : 'No browser: install Chrome or Chromium and run npm test again.',
  );
  return browser ? 0 : 1;
}

/** One Vitest project with its counts: `unit` in Node, `gpu` in the browser. */
async function runVitest(project) {
  const report = join(RESULTS, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['run', '--project', project, '--passWithNoTests', ...reporters, ...words];
  const name = project === 'unit' ? 'unit tests' : 'GPU tests';
  const code = await timed(name, () => runInstalled('vitest/vitest.mjs', args, { timeout: RUNNER_LIMIT_MS }));
  const counts = readReport(report, (json) => ({
    passed: json.numPassedTests,
    failed: json.numFailedTests,
    skipped: json.numPendingTests + json.numTodoTests,
  }));
  return { name, code, ...counts };
}

/** The whole product in a browser, against the production server on a free port. */
async function runPlaywright() {
  const name = 'whole-product tests';
  const report = join(RESULTS, 'e2e.json');
  const env = { ...process.env, THORAX_E2E_PORT: String(await freePort()) };
  const args = ['test', '--config', 'e2e/playwright.config.ts', ...words];
  const code = await timed(name, () =>
    runInstalled('@playwright/test/cli.js', args, { env, timeout: RUNNER_LIMIT_MS }),
  );
  const counts = readReport(report, ({ stats }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
  }));
  return { name, code, ...counts };
}

/** Counts of a runner's JSON report; none when it ended before it wrote one. */
function readReport(path, count) {
  if (!existsSync(join(ROOT, path))) return { passed: 0, failed: 0, skipped: 0 };
  return count(JSON.parse(readFileSync(join(ROOT, path), 'utf8')));
}

/** Prints the count of all runners as the last line and ends the process. */
function finish(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log('');
  for (const { name, passed, failed, skipped, code } of results) {
    const verdict = code === 0 ? '' : ` (exit code ${code})`;
    console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped${verdict}`);
  }
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  process.exit(results.every(({ code, failed }) => code === 0 && failed === 0) ? 0 : 1);
}

function readArguments(args) {
  const at = args.indexOf('--only');
  if (at === -1) return { parts: PARTS, words: args };
  const part = args[at + 1];
  if (!PARTS.includes(part)) {
    console.error(`--only takes one of ${PARTS.join(', ')}.`);
    process.exit(1);
  }
  return { parts: [part], words: args.filter((_, index) => index !== at && index !== at + 1) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
