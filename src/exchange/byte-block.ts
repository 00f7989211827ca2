/** @file A growing block of little-endian bytes, written from its start, with fields that are filled in later. */

/** Bytes that grow at their end; the methods that write return the block itself unless they say otherwise. */
export class ByteBlock {
  private buffer = new Uint8Array(256);
  private view = new DataView(this.buffer.buffer);
  private end = 0;

  get length(): number {
    return this.end;
  }

  u16(value: number): this {
    const at = this.reserve(2);
    this.view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    const at = this.reserve(8);
    this.view.setBigUint64(at, value, true);
    return this;
  }

  raw(bytes: ArrayLike<number>): this {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  /** UTF-8, nothing after it. */
  text(text: string): this {
    return this.raw(new TextEncoder().encode(text));
  }

  zeros(count: number): this {
    this.reserve(count);
    return this;
  }

  /** Zeros up to the next multiple of `step`. */
  align(step: number): this {
    return this.zeros((step - (this.end % step)) % step);
  }

  /** @returns where the other block begins in this one */
  append(other: ByteBlock): number {
    const at = this.end;
    this.raw(other.bytes());
    return at;
  }

  /** Writes over the 8 bytes at `at`. */
  patch64(at: number, value: bigint): void {
    this.view.setBigUint64(at, value, true);
  }

  /** A copy of all bytes so far. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.end);
  }

  private reserve(count: number): number {
    const at = this.end;
    this.end += count;
    if (this.end > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.end, 2 * this.buffer.length));
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}
