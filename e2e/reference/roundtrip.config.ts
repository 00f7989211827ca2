/** @file The browser's side of roundtrip.py: the studio, built anew, and one test, which that script starts. */

import { defineConfig } from '@playwright/test';
import base from '../playwright.config';

const port = process.env.THORAX_E2E_PORT ?? '4273';

export default defineConfig({
  ...base,
  testMatch: 'roundtrip.page.ts',
  outputDir: '../.results/roundtrip',
  reporter: 'list',
  timeout: 15 * 60_000,
  webServer: {
    command: 'node .ci/start.mjs',
    cwd: '../..',
    env: { PORT: port },
    url: `http://localhost:${port}/`,
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
});
