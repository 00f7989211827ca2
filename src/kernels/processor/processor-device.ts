/**
 * @file The processor as a device: its memory, its kernels and its threads.
 *
 * Kernels run at once and on the thread that calls them; others help where the page is cross-origin isolated, so that memory can be
 * shared between workers.
 */

import { bindKernels, type KernelFunctions } from './bind-kernels';
import { Heap } from './heap';
import { ARGUMENT_SLOTS, JobBoard, MAX_PARTS, RESERVED_BYTES, SCRATCH_BYTES } from './job-board';
import { type CompiledKernels, compileKernels, findBuild, type KernelBuild } from './kernel-module';
import type { ThreadStart } from './thread-worker';

/** An argument of a kernel: a whole number or an address, or `{ float }`. */
export type KernelArgument = number | { float: number };

export interface ProcessorOptions {
  /** Threads that compute; as many as the processor has if not given. */
  threadCount?: number;
  build?: KernelBuild;
  /** Starts a thread; left out where threads cannot be started. */
  startThread?: () => Worker;
  heapLimitBytes?: number;
}

const START_LIMIT_MS = 20_000;

export class ProcessorDevice {
  private constructor(
    readonly heap: Heap,
    private readonly kernels: CompiledKernels,
    private readonly functions: KernelFunctions,
    private readonly board: JobBoard,
    private readonly scratch: number,
    private readonly helpers: Worker[],
  ) {}

  /** @throws {Error} where the engine lacks SIMD or shared memory. */
  static async start(options: ProcessorOptions = {}): Promise<ProcessorDevice> {
    const build = options.build ?? (await findBuild());
    if (!build) throw new Error('WebAssembly here lacks SIMD or shared memory');
    const kernels = await compileKernels(build);
    const heap = new Heap(RESERVED_BYTES, options.heapLimitBytes);
    const functions = await bindKernels(kernels.module, kernels.names, heap.memory);
    const board = new JobBoard(heap.memory);
    const { startThread } = options;
    const threadCount = startThread ? (options.threadCount ?? navigator.hardwareConcurrency) : 1;
    const starting = Array.from({ length: startThread ? threadCount - 1 : 0 }, async () => {
      const scratch = heap.allocate(SCRATCH_BYTES);
      const worker = startThread?.();
      try {
        if (worker) await greet(worker, { module: kernels.module, names: kernels.names, memory: heap.memory, scratch });
        return worker;
      } catch {
        // One thread less: memory that cannot be shared, or a worker that does not start.
        worker?.terminate();
        heap.release(scratch);
        return undefined;
      }
    });
    const helpers = (await Promise.all(starting)).filter((worker) => worker !== undefined);
    return new ProcessorDevice(heap, kernels, functions, board, heap.allocate(SCRATCH_BYTES), helpers);
  }

  get threadCount(): number {
    return this.helpers.length + 1;
  }

  get build(): KernelBuild {
    return this.kernels.build;
  }

  /**
   * Runs a kernel of assembly/.
   * @param parts how many parts its work is split into, by shapes alone.
   * @param args in the order of the kernel's slots.
   * @throws {Error} when a part traps, on whichever thread.
   */
  run(name: string, parts: number, args: readonly KernelArgument[]): void {
    const kernel = this.kernels.names.indexOf(name);
    if (kernel === -1) throw new Error(`No kernel is named ${name}`);
    if (args.length > ARGUMENT_SLOTS) throw new Error(`${name} has more arguments than there are slots`);
    for (const [slot, value] of args.entries()) {
      if (typeof value === 'number') this.board.setInteger(slot, value);
      else this.board.setFloat(slot, value.float);
    }
    const count = Math.min(Math.max(parts, 1), MAX_PARTS);
    const ended = this.board.run(this.functions, kernel, count, this.scratch, canSleep());
    if (!ended) throw new Error(`${name} did not come to its end`);
  }

  /** Ends its threads. */
  stop(): void {
    for (const worker of this.helpers) worker.terminate();
  }
}

/** Resolves when the thread is ready; one that says nothing for so long will not come. */
function greet(worker: Worker, start: ThreadStart): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('The thread is silent')), START_LIMIT_MS);
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessageerror = () => reject(new Error('The memory did not reach the thread'));
    worker.postMessage(start);
  });
}

/** A page's own thread may not sleep; workers and Node may. */
function canSleep(): boolean {
  return !('document' in globalThis);
}
