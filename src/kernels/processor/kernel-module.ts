/** @file The compiled kernels: which build this engine can run, and its functions in a fixed order. */

import { relaxedSimd, simd, threads } from 'wasm-feature-detect';

/** `(part, parts, address of the arguments, address of the thread's working memory)`. */
export type KernelFunction = (task: number, count: number, args: number, scratch: number) => void;
export type KernelFunctions = readonly KernelFunction[];

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

export async function compileKernels(build: KernelBuild): Promise<CompiledKernels> {
  const { default: bytes } =
    build === 'relaxed'
      ? await import('virtual:processor-kernels/relaxed')
      : await import('virtual:processor-kernels/plain');
  const module = await WebAssembly.compile(bytes);
  const names = WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);
  return { build, module, names };
}

/** The functions of a module on this thread, in the order of `names`. */
export async function bindKernels(
  module: WebAssembly.Module,
  names: readonly string[],
  memory: WebAssembly.Memory,
): Promise<KernelFunctions> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return names.map((name) => exports[name] as KernelFunction);
}
