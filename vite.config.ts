import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { assemblyPlugin } from './.ci/assembly-plugin.mjs';
import { browserLaunchOptions } from './.ci/browser.mjs';
import { pretrainedServer } from './.ci/pretrained-server.mjs';
import pretrainedFiles from './src/exchange/pretrained-files.json' with { type: 'json' };

/** Sent with every page of the production server: no request can leave the origin, whatever the code does. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "connect-src 'self' blob: data:",
  "worker-src 'self' blob:",
].join('; ');

/**
 * They isolate the page from other origins, without which browsers let no memory be shared between threads. `require-corp` and not
 * `credentialless`, which Safari lacks: nothing of ours comes from another origin but by CORS.
 */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

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

export default defineConfig({
  plugins: [react(), assemblyPlugin(), pretrainedServer(pretrainedFiles)],
  worker: { format: 'es', plugins: () => [assemblyPlugin()], rolldownOptions: BUNDLER },
  build: { target: 'es2023', chunkSizeWarningLimit: 4000, rolldownOptions: BUNDLER },
  server: { headers: ISOLATION },
  preview: { headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY, ...ISOLATION } },
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
