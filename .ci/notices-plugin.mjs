/**
 * @file A Vite plugin that writes `third-party-notices.txt` into the build: the licence of every package whose code is in it.
 *
 * Vite's own `build.license` does not look into the bundles of workers, where TensorFlow.js and h5wasm are, and
 * rollup-license-plugin knows one bundle and no NOTICE files. So this one records what each bundle contains and writes once.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './install.mjs';

export const NOTICES = 'third-party-notices.txt';

/** Their code is in the build without being a module of a bundle: the kernels' runtime, and helpers of the bundler. */
const WITHOUT_MODULES = ['assemblyscript', 'rolldown', 'vite'];

/** Vite's file goes on with the packages that Vite itself is made of. */
const NOT_IN_BUILDS = /^# Licenses of bundled dependencies$/m;

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** @typedef {{ name: string, version: string, licence: string, texts: string[] }} Notice */

/** @returns {{ main: import('vite').Plugin, worker: import('vite').Plugin }} plugins for the page's and for the workers' bundles. */
export function noticesPlugins() {
  /** @type {Set<string>} */
  const folders = new Set();
  const name = 'thorax-notices';
  /** @param {import('vite').Rolldown.OutputBundle} bundle */
  const record = (bundle) => {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      for (const id of chunk.moduleIds) {
        const folder = packageFolder(id);
        if (folder) folders.add(folder);
      }
    }
  };
  return {
    worker: { name, apply: 'build', generateBundle: (_options, bundle) => record(bundle) },
    main: {
      name,
      apply: 'build',
      generateBundle: {
        // The workers have been bundled by then.
        order: 'post',
        handler(_options, bundle) {
          record(bundle);
          const all = [...folders, ...WITHOUT_MODULES.map((packageName) => join(ROOT, 'node_modules', packageName))];
          this.emitFile({ type: 'asset', fileName: NOTICES, source: noticesText(all.map(readNotice)) });
        },
      },
    },
  };
}

/**
 * The folder of the package that a module belongs to; null for a module of our own, or of none.
 * @param {string} id as the bundler has it: a path, perhaps behind a NUL and before a query.
 */
export function packageFolder(id) {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '').replaceAll('\\', '/');
  if (!path.includes('/node_modules/')) return null;
  // A package may have further package.json files inside, without a name or a version.
  for (let folder = dirname(path); folder.includes('/node_modules/'); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
    if (name && version) return folder;
  }
  return null;
}

/**
 * @param {string} folder
 * @returns {Notice}
 * @throws {Error} when a package says nothing of its licence: then it must not be in the build.
 */
export function readNotice(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').split(NOT_IN_BUILDS)[0].trim());
  const licence = typeof license === 'string' ? license : '';
  if (texts.length === 0) texts.push(standardText(licence, `${name} ${version}`, author?.name ?? author));
  return { name, version, licence, texts };
}

/**
 * Of packages that name their licence and do not bring its text along.
 * @param {string} licence
 * @param {string} what
 * @param {string | undefined} author
 */
function standardText(licence, what, author) {
  // TensorFlow.js, also where parts of a package are under MIT: those say so at their head.
  if (licence.startsWith('Apache-2.0')) {
    return `Copyright the authors of ${what}.\n\n${readFileSync(join(ROOT, 'LICENSE'), 'utf8').trim()}`;
  }
  if (licence === 'MIT' && author) return `Copyright (c) ${author}\n\n${MIT}`;
  throw new Error(
    `${what} is in the build, and its licence (${licence || 'none'}) has no text: add one to ${NOTICES}.`,
  );
}

/** @param {Notice[]} notices */
export function noticesText(notices) {
  const byName = [...new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice])).values()].sort(
    (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1),
  );
  const rule = '='.repeat(100);
  return [
    'Thorax contains code of the packages below. Each is followed by its licence.',
    ...byName.map(({ name, version, licence, texts }) =>
      [rule, `${name} ${version} (${licence || 'licence below'})`, rule, '', texts.join('\n\n')].join('\n'),
    ),
    '',
  ].join('\n\n');
}

/** Source: https://opensource.org/license/mit. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
