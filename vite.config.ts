import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { assemblyPlugin } from './.ci/assembly-plugin.mjs';
import { browserLaunchOptions } from './.ci/browser.mjs';
import { ISOLATION } from './.ci/headers.mjs';
import { noticesPlugins } from './.ci/notices-plugin.mjs';
import { offlinePlugin } from './.ci/offline-plugin.mjs';
import { policyPlugin } from './.ci/policy-plugin.mjs';
import { pretrainedServer } from './.ci/pretrained-server.mjs';
import pretrainedFiles from './src/exchange/pretrained-files.json' with { type: 'json' };

/** Compiling the processor's kernels takes most of a first build; that is no reason to warn. */
const BUNDLER = { checks: { pluginTimings: false } };

const launchOptions = await browserLaunchOptions();

/** One for each project: Vitest writes the project's name into it. */
const testBrowser = () => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({ launchOptions }),
  instances: [{ browser: 'chromium' as const }],
});

const notices = noticesPlugins();

export default defineConfig({
  plugins: [
    ...[react(), assemblyPlugin(), pretrainedServer(pretrainedFiles)],
    ...[policyPlugin(), notices.main, offlinePlugin()],
  ],
  worker: { format: 'es', plugins: () => [assemblyPlugin(), notices.worker], rolldownOptions: BUNDLER },
  build: { target: 'es2023', chunkSizeWarningLimit: 4000, rolldownOptions: BUNDLER },
  server: { headers: ISOLATION },
  test: {
    tags: [{ name: 'long', description: 'Left to `npm test -- --full`, because it takes long where no GPU is.' }],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          // Threads start faster than processes, and one per core: Vitest leaves a core idle by default.
          pool: 'threads',
          maxWorkers: availableParallelism(),
          include: ['src/**/*.test.{ts,tsx}'],
          exclude: ['src/**/*.gpu.test.ts'],
          provide: { device: 'processor' },
          // The machine may be busy with more than these tests.
          testTimeout: 120_000,
          // The first to start compiles the processor's kernels.
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          include: ['src/**/*.{gpu,device}.test.ts'],
          provide: { device: 'webgpu' },
          // Stock kernels take minutes for what ours do in seconds.
          testTimeout: process.env.VITE_KERNELS === 'stock' ? 1_800_000 : 120_000,
          // One page at a time: SwiftShader already uses every core.
          fileParallelism: false,
          browser: testBrowser(),
        },
      },
      {
        extends: true,
        test: {
          name: 'threads',
          include: ['src/**/*.device.test.ts'],
          provide: { device: 'processor' },
          testTimeout: 120_000,
          // After the project above: each uses every core.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          browser: testBrowser(),
        },
      },
    ],
  },
});
