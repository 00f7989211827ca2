/**
 * @file Vitest for `npm run mutants`: the sources carry the change that `THORAX_MUTANT` names. `THORAX_MUTANT_PROJECT` is
 * `unit` or `gpu`. A file of its own, because the server of browser tests reads its settings again.
 */

import { readFileSync } from 'node:fs';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { assemblyPlugin } from '../assembly-plugin.mjs';
import { browserLaunchOptions } from '../browser.mjs';
import { ROOT } from '../install.mjs';
import { MUTANTS } from './list.mjs';

const inBrowser = process.env.THORAX_MUTANT_PROJECT === 'gpu';

export default defineConfig({
  root: ROOT,
  logLevel: 'error',
  cacheDir: 'node_modules/.vite/mutants',
  plugins: [
    assemblyPlugin((path) => plant(readFileSync(path, 'utf8'), path) ?? readFileSync(path, 'utf8')),
    { name: 'planted-change', enforce: 'pre', transform: plant },
  ],
  test: {
    tags: [{ name: 'long' }],
    include: ['src/**/*.test.ts'],
    exclude: inBrowser ? [] : ['src/**/*.gpu.test.ts'],
    provide: { device: inBrowser ? 'webgpu' : 'processor' },
    testTimeout: 120_000,
    bail: 1,
    ...(inBrowser && {
      fileParallelism: false,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: browserLaunchOptions() }),
        instances: [{ browser: /** @type {const} */ ('chromium') }],
      },
    }),
  },
});

/**
 * @param {string} code
 * @param {string} id path, perhaps with a query behind it.
 */
function plant(code, id) {
  const planted = MUTANTS.find(({ name }) => name === process.env.THORAX_MUTANT);
  if (!planted || !id.split('?')[0].endsWith(`/${planted.file}`)) return null;
  return code.replace(planted.find, () => planted.replace);
}
