/** @file The compiled kernels: which build this engine can run, and the names of its functions. */

import { relaxedSimd, simd, threads } from 'wasm-feature-detect';

export type KernelBuild = 'plain' | 'relaxed';

export interface CompiledKernels {
  build: KernelBuild;
  module: WebAssembly.Module;
  /** Names of the kernels; a kernel's number is its place here. */
  names: string[];
}

/** The best build that this engine runs; null where it lacks SIMD or atomic operations. */
export async function findBuild(): Promise<KernelBuild | null> {
  if (!(await simd()) || !(await atomics())) return null;
  return (await relaxedSimd()) ? 'relaxed' : 'plain';
}

/** `threads()` asks for memory that crosses to a worker; a memory that is merely shared suffices for one thread. */
async function atomics(): Promise<boolean> {
  if (await threads()) return true;
  try {
    return (
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer.constructor.name === 'SharedArrayBuffer'
    );
  } catch {
    return false;
  }
}

/** The module as bytes; loaded once, so that a later call needs no network. */
export async function loadKernels(build: KernelBuild): Promise<Uint8Array<ArrayBuffer>> {
  const { default: bytes } =
    build === 'relaxed'
      ? await import('virtual:processor-kernels/relaxed')
      : await import('virtual:processor-kernels/plain');
  return bytes;
}

export async function compileKernels(build: KernelBuild): Promise<CompiledKernels> {
  const bytes = await loadKernels(build);
  const module = await WebAssembly.compile(bytes);
  const names = WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);
  return { build, module, names };
}
