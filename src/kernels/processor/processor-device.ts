/**
 * @file The processor as a device: its memory, its kernels and its threads.
 *
 * Kernels run at once and on the thread that calls them; others help where the page is cross-origin isolated, so that memory can be
 * shared between workers.
 */

import { bindKernels, type KernelFunctions } from './bind-kernels';
import { Heap } from './heap';
import { ARGUMENT_SLOTS, JobBoard, MAX_PARTS, RESERVED_BYTES, SCRATCH_BYTES, type Waiting } from './job-board';
import { type CompiledKernels, compileKernels, findBuild, type KernelBuild } from './kernel-module';
import type { ThreadStart } from './thread-worker';

/** An argument of a kernel: a whole number or an address, or `{ float }`. */
export type KernelArgument = number | { float: number };

export interface ProcessorOptions {
  /** Threads that compute; as many as the processor has if not given, up to {@link MOST_THREADS}. */
  threadCount?: number;
  build?: KernelBuild;
  /** Starts a thread; left out where threads cannot be started. */
  startThread?: () => Worker;
  heapLimitBytes?: number;
  /** How long a part may take before the thread that computes it is taken for dead; tests make it short. */
  patienceMs?: number;
}

/** More would find no parts of most products, and with their working memory InceptionV3 at its own size would no longer fit. */
export const MOST_THREADS = 32;

const START_LIMIT_MS = 20_000;

/** The longest part, of a filter gradient at the largest batch that fits, takes a slow processor some seconds. */
const PATIENCE_MS = 60_000;

/** A thread has ended in the middle of a kernel. What the kernel was to write is unknown, and the device of no more use. */
export class ThreadLost extends Error {
  constructor(kernel: string) {
    super(`A thread of the processor ended in the middle of ${kernel}`);
    this.name = 'ThreadLost';
  }
}

export class ProcessorDevice {
  /** Set once a thread was lost; every later kernel throws it again. */
  lost: ThreadLost | null = null;

  private constructor(
    readonly heap: Heap,
    private readonly kernels: CompiledKernels,
    private readonly functions: KernelFunctions,
    private readonly board: JobBoard,
    private readonly scratch: number,
    private readonly helpers: Worker[],
    private readonly waiting: Waiting,
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
    const threadCount = startThread
      ? (options.threadCount ?? Math.min(navigator.hardwareConcurrency, MOST_THREADS))
      : 1;
    const starting = Array.from({ length: startThread ? threadCount - 1 : 0 }, async () => {
      const scratch = heap.allocate(SCRATCH_BYTES);
      let worker: Worker | undefined;
      try {
        worker = startThread?.();
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
    const waiting = { canSleep: canSleep(), patienceMs: options.patienceMs ?? PATIENCE_MS };
    return new ProcessorDevice(heap, kernels, functions, board, heap.allocate(SCRATCH_BYTES), helpers, waiting);
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
   * @throws {ThreadLost} when a thread that has taken a part does not end it, and from then on.
   * @throws {Error} when a part traps, on whichever thread.
   */
  run(name: string, parts: number, args: readonly KernelArgument[]): void {
    if (this.lost) throw this.lost;
    const kernel = this.kernels.names.indexOf(name);
    if (kernel === -1) throw new Error(`No kernel is named ${name}`);
    if (args.length > ARGUMENT_SLOTS) throw new Error(`${name} has more arguments than there are slots`);
    for (const [slot, value] of args.entries()) {
      if (typeof value === 'number') this.board.setInteger(slot, value);
      else this.board.setFloat(slot, value.float);
    }
    if (parts > MAX_PARTS) throw new Error(`${name} is split into more parts than a job can have`);
    const end = this.board.run(this.functions, kernel, Math.max(parts, 1), this.scratch, this.waiting);
    switch (end) {
      case 'done':
        return;
      case 'trapped':
        throw new Error(`${name} did not come to its end`);
      case 'abandoned':
        this.lost = new ThreadLost(name);
        throw this.lost;
      default:
        end satisfies never;
    }
  }

  /** Ends its threads. */
  stop(): void {
    for (const worker of this.helpers) worker.terminate();
  }
}

/** Resolves when the thread is ready, and has it begin; one that says nothing for so long is not waited for. */
async function greet(worker: Worker, start: ThreadStart): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('The thread is silent')), START_LIMIT_MS);
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessageerror = () => reject(new Error('The memory did not reach the thread'));
      worker.postMessage(start);
    });
  } finally {
    clearTimeout(timer);
  }
  // One that is ready too late must not take a part: it is ended, and its working memory given to others.
  worker.postMessage('serve');
}

/** A page's own thread may not sleep; workers and Node may. */
function canSleep(): boolean {
  return !('document' in globalThis);
}
