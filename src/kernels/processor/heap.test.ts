import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../base/random';
import { Heap, HeapShortage } from './heap';

const MIB = 2 ** 20;

describe('Heap', () => {
  it('never gives two blocks that overlap, and joins what is given back', () => {
    const heap = new Heap(65536);
    const stream = RandomStream.named(1, 'heap');
    const blocks = new Map<number, number>();
    for (let step = 0; step < 3000; step += 1) {
      const starts = [...blocks.keys()];
      if (starts.length > 40 || (starts.length > 0 && stream.uniform() < 0.4)) {
        const start = starts[Math.floor(stream.uniform() * starts.length)];
        heap.release(start);
        blocks.delete(start);
      } else {
        const bytes = 1 + Math.floor(stream.uniform() * 300_000);
        const start = heap.allocate(bytes);
        expect(start % 64).toBe(0);
        expect(start).toBeGreaterThanOrEqual(65536);
        for (const [other, size] of blocks) expect(start + bytes <= other || other + size <= start).toBe(true);
        blocks.set(start, bytes);
      }
    }
    for (const start of blocks.keys()) heap.release(start);
    expect(heap.usedBytes).toBe(0);
    const { sizeBytes } = heap;
    heap.allocate(sizeBytes - 65536);
    expect(heap.sizeBytes).toBe(sizeBytes);
  });

  it('says what it has no room for, and goes on', () => {
    const heap = new Heap(65536, 32 * MIB);
    const kept = heap.allocate(20 * MIB);
    expect(() => heap.allocate(20 * MIB)).toThrow(HeapShortage);
    heap.release(kept);
    expect(heap.allocate(20 * MIB)).toBe(kept);
    expect(heap.peakBytes).toBe(20 * MIB);
    expect(heap.shortage).toMatchObject({ askedBytes: 20 * MIB, usedBytes: 20 * MIB });
    heap.release(kept);
    heap.forget();
    expect([heap.shortage, heap.peakBytes]).toEqual([null, 0]);
  });
});
