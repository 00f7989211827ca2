/** @file Bundles the threads of `src/fuzz/`, which Node cannot start from TypeScript. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './install.mjs';

/** Inside the packages' folder, so that the bundles find them. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'thorax');

/**
 * Bundles files of src/fuzz/ into a folder of this process.
 * @param {string[]} names without their endings
 * @returns {Promise<{ urlOf(name: string): URL, remove(): void }>}
 */
export async function bundleFuzz(names) {
  const { build } = await import('vite');
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(FOLDER, 'fuzz-'));
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(ROOT, 'src', 'fuzz', `${name}.ts`)])),
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  });
  return {
    urlOf: (name) => pathToFileURL(join(folder, `${name}.mjs`)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
