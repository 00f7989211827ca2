/**
 * @file A Vite plugin that builds the service worker (src/offline/), with the list of all files that it keeps.
 *
 * It runs when the build lies on disk, because only there everything is together: the page, the workers' bundles, the files of
 * `public/`, the notices.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build } from 'vite';
import { HEADERS } from './headers.mjs';
import { ROOT } from './install.mjs';

const SOURCE = join(ROOT, 'src', 'offline', 'service-worker.ts');
const OUTPUT = 'service-worker.js';

/** @returns {import('vite').Plugin} */
export function offlinePlugin() {
  let folder = '';
  return {
    name: 'thorax-offline',
    apply: 'build',
    enforce: 'post',
    configResolved: ({ root, build: { outDir } }) => {
      folder = join(root, outDir);
    },
    closeBundle: {
      order: 'post',
      async handler(error) {
        if (!error) await buildServiceWorker(folder);
      },
    },
  };
}

/** @param {string} folder of the finished build. */
async function buildServiceWorker(folder) {
  const files = listFiles(folder);
  const version = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    publicDir: false,
    define: { THORAX_BUILD: JSON.stringify({ version, files, headers: HEADERS }) },
    build: {
      target: 'es2023',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { input: SOURCE, output: { format: 'iife', entryFileNames: OUTPUT } },
    },
  });
}

/**
 * @param {string} folder
 * @returns {Record<string, string>} what lies at each path, by its hash.
 */
function listFiles(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== OUTPUT)
    .sort();
  return Object.fromEntries(
    names.map((name) => {
      const hash = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('base64');
      // The server gives the page at one address alone.
      return [name === 'index.html' ? '/' : `/${name.split(sep).join('/')}`, `sha256-${hash}`];
    }),
  );
}
