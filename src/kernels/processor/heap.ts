/**
 * @file The memory that the processor's kernels compute in, and who has which part of it.
 *
 * One WebAssembly memory, shared between threads. It grows up to the limit of 32 bits and never shrinks. The smallest free
 * block that fits is given (best fit); a freed block joins its free neighbours.
 */

/** Blocks begin and end on cache lines. */
const ALIGNMENT = 64;
const PAGE_BYTES = 65536;
/** It grows by at least this much. */
const GROWTH_BYTES = 16 * 2 ** 20;
export const HEAP_LIMIT_BYTES = 2 ** 32 - PAGE_BYTES;

/** Memory that was asked for and could not be given. */
export class HeapShortage extends Error {
  /** @param usedBytes what was in use at that moment. */
  constructor(
    readonly askedBytes: number,
    readonly usedBytes: number,
  ) {
    super(`No room for ${askedBytes} bytes beside ${usedBytes} in use`);
    this.name = 'HeapShortage';
  }
}

interface Block {
  start: number;
  bytes: number;
}

export class Heap {
  readonly memory: WebAssembly.Memory;
  usedBytes = 0;
  /** The most in use at once since {@link Heap.forget}. */
  peakBytes = 0;
  /** The first request since {@link Heap.forget} that could not be met. */
  shortage: HeapShortage | null = null;
  private readonly used = new Map<number, number>();
  /** By address. */
  private readonly free: Block[] = [];
  private end: number;

  /**
   * @param reservedBytes at the start of the memory are never given.
   * @param limitBytes where the memory may end; tests make it small.
   */
  constructor(
    reservedBytes: number,
    readonly limitBytes = HEAP_LIMIT_BYTES,
  ) {
    const initial = Math.ceil(reservedBytes / PAGE_BYTES);
    this.memory = new WebAssembly.Memory({ initial, maximum: 65536, shared: true });
    this.end = initial * PAGE_BYTES;
  }

  /**
   * A block of at least `bytes`, whose content is undefined.
   * @returns its address.
   * @throws {HeapShortage}
   */
  allocate(bytes: number): number {
    const size = Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
    let index = this.bestFit(size);
    if (index === -1) {
      this.grow(size);
      index = this.free.length - 1;
    }
    const block = this.free[index];
    const { start } = block;
    if (block.bytes === size) this.free.splice(index, 1);
    else {
      block.start += size;
      block.bytes -= size;
    }
    this.used.set(start, size);
    this.usedBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.usedBytes);
    return start;
  }

  /** Gives back a block that {@link allocate} gave. */
  release(start: number): void {
    const bytes = this.used.get(start);
    if (bytes === undefined) throw new Error(`No block begins at ${start}`);
    this.used.delete(start);
    this.usedBytes -= bytes;
    this.insert({ start, bytes });
  }

  /** Begins to count anew: the peak, and the first shortage. */
  forget(): void {
    this.peakBytes = this.usedBytes;
    this.shortage = null;
  }

  /** Bytes of the whole memory, in use or not. */
  get sizeBytes(): number {
    return this.end;
  }

  private bestFit(size: number): number {
    let best = -1;
    for (const [index, { bytes }] of this.free.entries()) {
      if (bytes >= size && (best === -1 || bytes < this.free[best].bytes)) best = index;
    }
    return best;
  }

  /** Makes the last free block at least `size` long. */
  private grow(size: number): void {
    const last = this.free.at(-1);
    const there = last && last.start + last.bytes === this.end ? last.bytes : 0;
    const missing = size - there;
    const room = this.limitBytes - this.end;
    const wanted = Math.min(Math.max(missing, GROWTH_BYTES, Math.floor(this.end / 8)), room);
    const pages = Math.ceil(Math.max(missing, wanted) / PAGE_BYTES);
    if (missing > room) throw this.shortageOf(size);
    try {
      this.memory.grow(pages);
    } catch {
      throw this.shortageOf(size);
    }
    this.insert({ start: this.end, bytes: pages * PAGE_BYTES });
    this.end += pages * PAGE_BYTES;
  }

  private shortageOf(size: number): HeapShortage {
    const shortage = new HeapShortage(size, this.usedBytes);
    this.shortage ??= shortage;
    return shortage;
  }

  private insert(block: Block): void {
    const { free } = this;
    let low = 0;
    let high = free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (free[middle].start < block.start) low = middle + 1;
      else high = middle;
    }
    const before = free[low - 1];
    const after = free[low];
    const joinsBefore = before && before.start + before.bytes === block.start;
    const joinsAfter = after && block.start + block.bytes === after.start;
    if (joinsBefore) {
      before.bytes += block.bytes;
      if (joinsAfter) {
        before.bytes += after.bytes;
        free.splice(low, 1);
      }
    } else if (joinsAfter) {
      after.start = block.start;
      after.bytes += block.bytes;
    } else free.splice(low, 0, block);
  }
}
