/** @file The functions of the compiled kernels, on one thread. */

/** `(part, parts, address of the arguments, address of the thread's working memory)`. */
export type KernelFunction = (task: number, count: number, args: number, scratch: number) => void;
export type KernelFunctions = readonly KernelFunction[];

/** The functions of a module on this thread, in the order of `names`. */
export async function bindKernels(
  module: WebAssembly.Module,
  names: readonly string[],
  memory: WebAssembly.Memory,
): Promise<KernelFunctions> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return names.map((name) => exports[name] as KernelFunction);
}
