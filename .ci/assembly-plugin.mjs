/**
 * @file A Vite plugin that compiles the processor's kernels (AssemblyScript) and gives them to the code as bytes.
 *
 * `import('virtual:processor-kernels/relaxed')` and `.../plain`: with and without WebAssembly's relaxed SIMD. Both import
 * their memory as `env.memory`, shared between threads. The same in a page, a worker, a build and a test in Node.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import asc from 'assemblyscript/asc';
import { ROOT } from './install.mjs';

const SOURCES = join('src', 'kernels', 'processor', 'assembly');
const CACHE = join('node_modules', '.cache', 'thorax', 'kernels');
const PREFIX = 'virtual:processor-kernels/';
const FLAVOURS = /** @type {const} */ (['plain', 'relaxed']);

/** The compiler's words. The heap ends at 4 GiB, all that 32 bits address. */
const OPTIONS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--uncheckedBehavior', 'always'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
];

/** Of the modules that the plugin gives, as Vite knows them. */
export const MODULE_IDS = FLAVOURS.map((flavour) => `\0${PREFIX}${flavour}`);

/**
 * @param {(path: string) => string} [read] gives a source file's text; what is on disk if not given.
 * @returns {import('vite').Plugin}
 */
export function assemblyPlugin(read = readSource) {
  return {
    name: 'thorax-processor-kernels',
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : null),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      for (const file of sourceFiles()) this.addWatchFile(join(ROOT, file));
      const flavour = FLAVOURS.find((name) => name === id.slice(PREFIX.length + 1));
      if (!flavour) throw new Error(`There are no processor kernels named ${id}`);
      const text = (await compileKernels(flavour, read)).toString('base64');
      return `export default Uint8Array.from(atob(${JSON.stringify(text)}), (byte) => byte.charCodeAt(0));`;
    },
  };
}

/**
 * The compiled module; kept between runs under the hash of its sources.
 * @param {typeof FLAVOURS[number]} flavour
 * @param {(path: string) => string} read
 */
export async function compileKernels(flavour, read = readSource) {
  const features = flavour === 'relaxed' ? 'simd,threads,relaxed-simd' : 'simd,threads';
  const options = [...OPTIONS, '--enable', features];
  const hash = createHash('sha256').update(options.join());
  for (const file of sourceFiles()) hash.update(file).update(read(join(ROOT, file)));
  const path = join(ROOT, CACHE, `${flavour}-${hash.digest('hex').slice(0, 16)}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(join(ROOT, CACHE), { recursive: true });
    // Another process may look for it now: it must never see half of it.
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, await compile(options, read));
    renameSync(unfinished, path);
  }
  return readFileSync(path);
}

/** @param {string} path */
function readSource(path) {
  return readFileSync(path, 'utf8');
}

/**
 * @param {string[]} options
 * @param {(path: string) => string} read
 */
async function compile(options, read) {
  /** @type {Uint8Array | null} */
  let bytes = null;
  const words = [join(SOURCES, 'index.ts'), '--baseDir', ROOT, '--outFile', 'kernels.wasm', ...options];
  const { error, stderr } = await asc.main(words, {
    readFile: (name, baseDir) => {
      const path = resolve(baseDir, name);
      return existsSync(path) ? read(path) : null;
    },
    writeFile: (_name, contents) => {
      bytes = typeof contents === 'string' ? null : contents;
    },
  });
  if (error || !bytes) throw new Error(`The processor's kernels do not compile: ${error?.message}\n${stderr}`);
  return bytes;
}

/** Paths from the root, sorted. */
function sourceFiles() {
  const names = readdirSync(join(ROOT, SOURCES)).filter((name) => name.endsWith('.ts'));
  return names.sort().map((name) => join(SOURCES, name));
}
