/** @file Whole-product tests: one page at a time, against the production server, in the browser of .ci/browser.mjs. */

import { defineConfig } from '@playwright/test';
import { browserLaunchOptions } from '../.ci/browser.mjs';

const port = process.env.THORAX_E2E_PORT ?? '4273';
const address = `http://localhost:${port}/`;

export default defineConfig({
  testDir: '.',
  outputDir: '.results/artifacts',
  // SwiftShader, the "GPU" of machines without one, already uses every core.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 4 * 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: '.results/e2e.json' }]],
  use: {
    baseURL: address,
    launchOptions: browserLaunchOptions(),
    viewport: { width: 1440, height: 900 },
    // It would keep the whole build anew for each test; its own tests allow it.
    serviceWorkers: 'block',
    // Traces and videos cost the processor that the training needs.
    trace: 'off',
    video: 'off',
    screenshot: 'only-on-failure',
  },
  projects: [{ name: 'chromium' }],
  webServer: {
    command: 'node .ci/start.mjs --built',
    cwd: '..',
    env: { PORT: port },
    url: address,
    timeout: 60_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
});
