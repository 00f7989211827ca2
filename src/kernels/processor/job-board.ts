/**
 * @file How threads share a job: control words in the shared memory, read and written by atomic operations alone.
 *
 * One thread posts a job and works on it itself; the others take parts until none is left. A word holds the job's number and how many
 * parts are left, so that a thread that wakes late takes no part of a job that it has not read. Nobody has to wait
 * for a thread that is asleep.
 */

import type { KernelFunctions } from './bind-kernels';

/** Where the control words lie in the memory; the slots of arguments follow. The module's own data lies below. */
const CONTROL_BYTES = 32768;
export const ARGUMENT_SLOTS = 64;
const ARGUMENTS_BYTES = CONTROL_BYTES + 256;

/** What the heap must leave free at the start of the memory. */
export const RESERVED_BYTES = 65536;

/** Parts of one job at most: what its word has room for. */
export const MAX_PARTS = 65535;

/** A thread's own working memory, in bytes. */
export const SCRATCH_BYTES = 4 * 2 ** 20;

/** Indices of the control words, each on a cache line of its own. */
const JOB = 0;
/** Number of the job (16 bits), parts left (16 bits). */
const OPEN = 16;
const KERNEL = 32;
const COUNT = 33;
const DONE = 48;
const FAILED = 49;

/** Looks at the word this often before it sleeps: about as long as the next kernel takes to come. */
const LOOKS_BEFORE_SLEEP = 2000;

/** What one look adds to the time waited at most: while a laptop sleeps or a page is frozen, no thread is late. */
const MOST_MS_A_LOOK = 100;

/** How a job ended: `trapped` where a part threw, `abandoned` where one that a thread has taken never ends. */
export type JobEnd = 'done' | 'trapped' | 'abandoned';

/** How the thread that posts jobs waits for the others. */
export interface Waiting {
  /** A page's own thread may not sleep. */
  canSleep: boolean;
  /** After so long without a part done, in ms, the thread that has it is taken for dead. */
  patienceMs: number;
}

export class JobBoard {
  readonly words: Int32Array<SharedArrayBuffer>;
  private readonly floats: Float32Array<SharedArrayBuffer>;

  constructor(memory: WebAssembly.Memory) {
    const buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.words = new Int32Array(buffer, CONTROL_BYTES, 64);
    this.arguments = new Uint32Array(buffer, ARGUMENTS_BYTES, 2 * ARGUMENT_SLOTS);
    this.floats = new Float32Array(buffer, ARGUMENTS_BYTES, 2 * ARGUMENT_SLOTS);
  }

  private readonly arguments: Uint32Array<SharedArrayBuffer>;

  /** A whole number up to 2^32, or an address. */
  setInteger(slot: number, value: number): void {
    this.arguments[2 * slot] = value;
    this.arguments[2 * slot + 1] = 0;
  }

  setFloat(slot: number, value: number): void {
    this.floats[2 * slot] = value;
    this.arguments[2 * slot + 1] = 0;
  }

  /**
   * Runs all parts of a kernel, here and on whichever threads are free; returns when all are done.
   * After `abandoned` the board must not be used again: a thread that was only late would count its part to another job.
   */
  run(functions: KernelFunctions, kernel: number, count: number, scratch: number, waiting: Waiting): JobEnd {
    const { words } = this;
    words[KERNEL] = kernel;
    words[COUNT] = count;
    Atomics.store(words, DONE, 0);
    Atomics.store(words, FAILED, 0);
    const job = (words[JOB] + 1) & 0xffff;
    Atomics.store(words, OPEN, (job << 16) | count);
    Atomics.store(words, JOB, job);
    Atomics.notify(words, JOB);
    this.workOn(functions, scratch);
    if (!this.othersEnd(count, waiting)) return 'abandoned';
    return Atomics.load(words, FAILED) === 0 ? 'done' : 'trapped';
  }

  /** Waits for the parts that other threads have taken. @returns false when they take none of them to its end. */
  private othersEnd(count: number, { canSleep, patienceMs }: Waiting): boolean {
    const { words } = this;
    let before = -1;
    let looks = 0;
    let waitedMs = 0;
    let lookedAt = 0;
    for (let done = Atomics.load(words, DONE); done < count; done = Atomics.load(words, DONE)) {
      if (done !== before) {
        before = done;
        looks = 0;
        waitedMs = 0;
      }
      looks += 1;
      if (looks <= LOOKS_BEFORE_SLEEP || (!canSleep && looks % LOOKS_BEFORE_SLEEP !== 0)) continue;
      if (canSleep) Atomics.wait(words, DONE, done, 1);
      const now = performance.now();
      waitedMs += Math.min(now - lookedAt, MOST_MS_A_LOOK);
      lookedAt = now;
      if (waitedMs > patienceMs) return false;
    }
    return true;
  }

  /** A thread's life: waits for jobs and works on them. Never returns. */
  serve(functions: KernelFunctions, scratch: number): never {
    const { words } = this;
    let seen = Atomics.load(words, JOB);
    for (;;) {
      let looks = 0;
      while (Atomics.load(words, JOB) === seen) {
        looks += 1;
        if (looks > LOOKS_BEFORE_SLEEP) Atomics.wait(words, JOB, seen);
      }
      seen = Atomics.load(words, JOB);
      this.workOn(functions, scratch);
    }
  }

  /** Takes parts of the job on the board until none is left. */
  private workOn(functions: KernelFunctions, scratch: number): void {
    const { words } = this;
    for (;;) {
      const open = Atomics.load(words, OPEN);
      const left = open & 0xffff;
      if (left === 0) return;
      if (Atomics.compareExchange(words, OPEN, open, open - 1) !== open) continue;
      // The part is ours, so the job cannot end before it is done, and the words below stay as they are.
      const count = words[COUNT];
      try {
        functions[words[KERNEL]](count - left, count, ARGUMENTS_BYTES, scratch);
      } catch {
        // Counted as done all the same: who waits for it would wait for ever.
        Atomics.store(words, FAILED, 1);
      }
      if (Atomics.add(words, DONE, 1) === count - 1) Atomics.notify(words, DONE);
    }
  }
}
