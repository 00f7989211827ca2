/** @file Memory of the processor that shows what a kernel does not write, and what it writes beside its results. For tests only. */

import { expect } from 'vitest';
import { Heap } from './processor/heap';

/** What a block is rounded up to: a kernel may write up to there. */
const LINE_BYTES = 64;
/** NaN as float32, and no likely result of arithmetic. */
const POISON = 0x7fdeadbe;

/** Blocks in use and where the words behind each of them lie. */
const guards = new Map<Heap, Map<number, number>>();

/** From now on every block that a heap gives is full of NaN, and followed by a line that must stay so. */
export function poisonHeaps(): void {
  const { allocate, release } = Heap.prototype;
  Heap.prototype.allocate = function (bytes) {
    const size = Math.max(1, Math.ceil(bytes / LINE_BYTES)) * LINE_BYTES;
    const start = allocate.call(this, size + LINE_BYTES);
    new Uint32Array(this.memory.buffer, start, (size + LINE_BYTES) / 4).fill(POISON);
    guards.set(this, (guards.get(this) ?? new Map()).set(start, start + size));
    return start;
  };
  Heap.prototype.release = function (start) {
    expectGuard(this, guards.get(this)?.get(start));
    guards.get(this)?.delete(start);
    release.call(this, start);
  };
}

/** Checks the line behind every block in use; those given back were checked then. */
export function expectGuards(heap: Heap): void {
  for (const end of guards.get(heap)?.values() ?? []) expectGuard(heap, end);
}

function expectGuard({ memory }: Heap, end: number | undefined): void {
  if (end === undefined) return;
  const words = new Uint32Array(memory.buffer, end, LINE_BYTES / 4);
  expect(
    words.every((word) => word === POISON),
    'a kernel has written past the end of a tensor',
  ).toBe(true);
}
