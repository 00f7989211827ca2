/** @file Decoded pixels in memory, the least recently used forgotten first. */

/** Bytes kept before the first is forgotten; 3,400 images at 224 pixels. */
export const DEFAULT_BUDGET_BYTES = 512 * 2 ** 20;

/** Pixels by key, within a budget of bytes. */
export class PixelCache {
  /** A map keeps the order of insertion: the first key is the one longest unused. */
  private readonly entries = new Map<string, Uint8Array>();
  private used = 0;

  constructor(private readonly budgetBytes: number = DEFAULT_BUDGET_BYTES) {}

  get usedBytes(): number {
    return this.used;
  }

  get(key: string): Uint8Array | undefined {
    const pixels = this.entries.get(key);
    if (pixels !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, pixels);
    }
    return pixels;
  }

  /** Keeps `pixels` if they fit the budget at all; the caller must not change them afterwards. */
  put(key: string, pixels: Uint8Array): void {
    this.forget(key);
    if (pixels.byteLength > this.budgetBytes) return;
    for (const [oldest] of this.entries) {
      if (this.used + pixels.byteLength <= this.budgetBytes) break;
      this.forget(oldest);
    }
    this.entries.set(key, pixels);
    this.used += pixels.byteLength;
  }

  private forget(key: string): void {
    const pixels = this.entries.get(key);
    if (pixels === undefined) return;
    this.entries.delete(key);
    this.used -= pixels.byteLength;
  }
}
