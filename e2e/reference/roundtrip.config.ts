/** @file The browser's side of roundtrip.py: the built studio and one test, which that script starts. */

import { defineConfig } from '@playwright/test';
import base from '../playwright.config';

export default defineConfig(base, {
  testDir: '.',
  testMatch: 'roundtrip.page.ts',
  outputDir: '../.results/roundtrip',
  reporter: 'list',
  timeout: 15 * 60_000,
  use: { acceptDownloads: true },
  webServer: { command: 'node .ci/start.mjs', cwd: '../..', url: base.use?.baseURL, timeout: 180_000 },
});
