/** @file The browser's side of measure-training.mjs: the studio and one run, as long as it takes. */

import { defineConfig } from '@playwright/test';
import base from './playwright.config';

export default defineConfig({
  ...base,
  testMatch: 'measure-training.page.ts',
  outputDir: `.results/training-${process.env.THORAX_E2E_PORT}`,
  reporter: 'list',
  timeout: 0,
});
