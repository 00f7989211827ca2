/**
 * @file `npm test`: installs what is missing, checks the code, runs the tests and ends with their count.
 *
 * The quick run covers every module. `npm test -- --full` adds the tests marked long: comparisons with Keras over many
 * steps and at full size, kernels of hardware adapters compiled by a software one, and the like (src/README.md).
 * `--only unit|gpu|e2e` runs one part, `--only check` (`npm run check`) no test; further words go to the part's runner, as
 * in `--only e2e train`. With words, long tests run as well, so that a named file is run whole.
 * When a check or the build fails no browser test starts. A failed runner does not stop the others; one count sums them up.
 */

import { BUILD, CHECKS } from './checks.mjs';
import { installPackages, requireNode } from './install.mjs';
import { runSideBySide, timed } from './steps.mjs';

const PARTS = ['check', 'unit', 'gpu', 'e2e'];

requireNode();
const choice = readArguments(process.argv.slice(2));
await installPackages();
const { clearResults, describeCounts, readCounts, runnerStep } = await import('./runners.mjs');
clearResults();

const runs = (/** @type {string} */ part) => choice.parts.includes(part);
if ((runs('gpu') || runs('e2e')) && (await timed('browser', prepareBrowser)) !== 0) stop(['browser']);

/** @type {Map<import('./runners.mjs').Part, number>} */
const codes = new Map();
const first = [...(runs('check') ? CHECKS : []), ...(runs('e2e') ? [BUILD] : [])];
await runTogether(runs('unit') ? ['unit'] : [], first);
// Neither keeps two cores busy alone: loading pages and compiling shaders use one core.
await runTogether(/** @type {const} */ (['gpu', 'e2e']).filter(runs), []);
if (codes.size > 0) finish();

/**
 * Runs test runners and checks side by side; ends the process when a check fails.
 * @param {readonly import('./runners.mjs').Part[]} parts
 * @param {import('./steps.mjs').Step[]} checks
 */
async function runTogether(parts, checks) {
  const runners = await Promise.all(parts.map((part) => runnerStep(part, choice)));
  const ended = await runSideBySide([...checks, ...runners]);
  const failed = checks.filter((_, index) => ended[index] !== 0);
  if (failed.length > 0) stop(failed.map(({ name }) => name));
  for (const [index, part] of parts.entries()) codes.set(part, ended[checks.length + index]);
}

async function prepareBrowser() {
  const { findOrInstallBrowser } = await import('./browser.mjs');
  const browser = await findOrInstallBrowser();
  console.log(
    browser ? `Tests run in: ${browser.name}` : 'No browser: install Chrome or Chromium and run npm test again.',
  );
  return browser ? 0 : 1;
}

/**
 * @param {string[]} names of steps that failed.
 * @returns {never}
 */
function stop(names) {
  console.error(`\nStopped: ${names.join(', ')} failed.`);
  process.exit(1);
}

/** Prints the count of all runners as the last line and ends the process. */
function finish() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  console.log('');
  for (const [part, code] of codes) {
    const counts = readCounts(part);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    console.log(describeCounts(part, counts, code));
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed === 0 && [...codes.values()].every((code) => code === 0) ? 0 : 1);
}

/** @param {string[]} args */
function readArguments(args) {
  const words = args.filter((word) => word !== '--full');
  const full = words.length < args.length;
  const at = words.indexOf('--only');
  if (at === -1) return { parts: PARTS, full: full || words.length > 0, words };
  const [part] = words.splice(at, 2).slice(1);
  if (!PARTS.includes(part)) {
    console.error(`--only takes one of ${PARTS.join(', ')}.`);
    process.exit(1);
  }
  return { parts: [part], full: full || words.length > 0, words };
}
