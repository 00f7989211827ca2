/** @file The three test runners as steps of `npm test`, and what each of them counted. */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { ROOT } from './install.mjs';

/** @typedef {'unit' | 'gpu' | 'e2e'} Part */

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped by themselves, for something that this machine lacks.
 * @property {number} left to the full run.
 */

/** Where the runners leave their counts, and Playwright its screenshots. */
const RESULTS = join('e2e', '.results');

const NAMES = { unit: 'unit tests', gpu: 'GPU tests', e2e: 'whole-product tests' };

/** Of Vitest's JSON report. */
const VitestReport = v.object({
  testResults: v.array(
    v.object({
      status: v.string(),
      assertionResults: v.array(v.object({ status: v.string(), tags: v.optional(v.array(v.string()), []) })),
    }),
  ),
});

/** Of Playwright's. */
const PlaywrightReport = v.object({
  stats: v.object({ expected: v.number(), unexpected: v.number(), flaky: v.number(), skipped: v.number() }),
});

/** Forgets the counts of the run before. */
export function clearResults() {
  rmSync(join(ROOT, RESULTS), { recursive: true, force: true });
  mkdirSync(join(ROOT, RESULTS), { recursive: true });
}

/**
 * @param {Part} part
 * @param {{ full: boolean, words: string[] }} choice `words` go to the runner.
 * @returns {Promise<import('./steps.mjs').Step>}
 */
export async function runnerStep(part, { full, words }) {
  if (part === 'e2e') {
    // Against the production server, on a free port.
    return {
      name: NAMES.e2e,
      program: 'node_modules/@playwright/test/cli.js',
      args: ['test', '--config', 'e2e/playwright.config.ts', ...(full ? [] : ['--grep-invert', '@long']), ...words],
      env: { THORAX_E2E_PORT: String(await freePort()) },
    };
  }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(part)}`];
  const filter = full ? [] : ['--tags-filter', '!long'];
  // What holds on every device, again in the browser on all threads of the processor.
  const threads = part === 'gpu' && full ? ['--project', 'threads'] : [];
  return {
    name: NAMES[part],
    program: 'node_modules/vitest/vitest.mjs',
    args: ['run', '--project', part, ...threads, '--passWithNoTests', ...reporters, ...filter, ...words],
  };
}

/**
 * What a runner counted; nothing when it ended before it could.
 * @param {Part} part
 * @returns {Counts}
 */
export function readCounts(part) {
  const path = join(ROOT, reportOf(part));
  if (!existsSync(path)) return { passed: 0, failed: 0, skipped: 0, left: 0 };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  if (part === 'e2e') {
    const { expected, flaky, unexpected, skipped } = v.parse(PlaywrightReport, report).stats;
    return { passed: expected + flaky, failed: unexpected, skipped, left: 0 };
  }
  const { testResults } = v.parse(VitestReport, report);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failed = tests.filter(({ status }) => status === 'failed').length;
  const left = tests.filter(({ status, tags }) => status === 'skipped' && tags.includes('long')).length;
  return { passed, failed, skipped: tests.length - passed - failed - left, left };
}

/**
 * @param {Part} part
 * @param {Counts} counts
 * @param {number} code with which the runner ended.
 */
export function describeCounts(part, { passed, failed, skipped, left }, code) {
  const rest = left > 0 ? ` (${left} long ones left to npm test -- --full)` : '';
  const verdict = code === 0 ? '' : ` (exit code ${code})`;
  return `${NAMES[part]}: ${passed} passed, ${failed} failed, ${skipped} skipped${rest}${verdict}`;
}

/** @param {Part} part */
function reportOf(part) {
  return join(RESULTS, `${part}.json`);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
