/** @file What became of the files of a kind, counted in memory that threads share. */

import type { Outcome } from './judge';

const KINDS = [
  'read',
  'refused',
  'given up',
  'crash',
  'hang',
  'memory',
  'leftover',
] as const satisfies Outcome['kind'][];

export type Tally = Record<Outcome['kind'], number>;

/** The counts, and the number of the file at hand, which is known also when the thread that reads it is stuck. */
export class SharedTally {
  static readonly BYTES = 4 * (1 + KINDS.length);
  private readonly numbers: Int32Array<ArrayBufferLike>;

  /** @param shared of another thread's tally, or of a new one. */
  constructor(shared: ArrayBufferLike) {
    this.numbers = new Int32Array(shared);
  }

  get index(): number {
    return Atomics.load(this.numbers, 0);
  }

  set index(value: number) {
    Atomics.store(this.numbers, 0, value);
  }

  add({ kind }: Outcome): void {
    Atomics.add(this.numbers, 1 + KINDS.indexOf(kind), 1);
  }

  counts(): Tally {
    const entries = KINDS.map((kind, i) => [kind, Atomics.load(this.numbers, 1 + i)] as const);
    return Object.fromEntries(entries) as Tally;
  }
}

/** True for what must never become of a file. */
export function isFailure({ kind }: Outcome): boolean {
  return kind !== 'read' && kind !== 'refused' && kind !== 'given up';
}
