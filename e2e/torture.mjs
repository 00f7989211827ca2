/**
 * @file `npm run torture`: builds the studio, trains a small network, kills the browser with SIGKILL at random moments, continues
 * the run after each, and prints what happened. `--kills 50` on each of `--device processor,webgpu`; `--built` takes the build
 * that is there. `npm test -- --full` does the same with three kills (torture.spec.ts).
 */

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installPackages, ROOT, requireNode } from '../.ci/install.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    device: { type: 'string', default: 'processor,webgpu' },
    built: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1) refuse('--kills must be a whole number above 0.');
const unknown = values.device.split(',').filter((name) => !['processor', 'webgpu'].includes(name));
if (unknown.length > 0) refuse(`--device takes processor and webgpu, not ${unknown.join(', ')}.`);

requireNode();
await installPackages();
const { findOrInstallBrowser } = await import('../.ci/browser.mjs');
if (!(await findOrInstallBrowser())) refuse('No browser: install Chrome or Chromium.');
if (!values.built) await (await import('vite')).build({ root: ROOT, logLevel: 'warn' });

const playwright = join(createRequire(import.meta.url).resolve('@playwright/test/package.json'), '..', 'cli.js');
const words = [playwright, 'test', '--config', join(ROOT, 'e2e', 'playwright.config.ts'), 'torture.spec'];
const settings = { THORAX_KILLS: values.kills, THORAX_KILL_DEVICES: values.device };
const env = { ...process.env, ...settings, THORAX_E2E_PORT: String(await freePort()) };
const { status } = spawnSync(process.execPath, words, { cwd: ROOT, env, stdio: 'inherit' });
process.exit(status ?? 1);

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}
