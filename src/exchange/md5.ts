/**
 * @file MD5, computed piece by piece: Keras publishes its files with this hash, and browsers do not offer it.
 *
 * RFC 1321. It detects a damaged download; against forgery it is no protection.
 */

const BLOCK_BYTES = 64;
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

/** An MD5 hash in the making: `update` with the bytes in order, then `finish` once. */
export class Md5 {
  private readonly state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  private readonly words = new Int32Array(16);
  /** Bytes that do not fill a block yet. */
  private readonly rest = new Uint8Array(BLOCK_BYTES);
  private totalBytes = 0;

  /** Adds the next bytes; returns itself. */
  update(bytes: Uint8Array): this {
    const restBytes = this.totalBytes % BLOCK_BYTES;
    this.totalBytes += bytes.byteLength;
    let at = 0;
    if (restBytes > 0) {
      at = Math.min(BLOCK_BYTES - restBytes, bytes.byteLength);
      this.rest.set(bytes.subarray(0, at), restBytes);
      if (restBytes + at < BLOCK_BYTES) return this;
      this.digestBlock(this.rest, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.byteLength; at += BLOCK_BYTES) this.digestBlock(bytes, at);
    this.rest.set(bytes.subarray(at));
    return this;
  }

  /** The hash in hexadecimal; nothing can be added afterwards. */
  finish(): string {
    const lengthBits = BigInt(this.totalBytes) * 8n;
    const padding = new Uint8Array(BLOCK_BYTES - ((this.totalBytes + 8) % BLOCK_BYTES) + 8);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, lengthBits, true);
    this.update(padding);
    const bytes = new DataView(new ArrayBuffer(16));
    this.state.forEach((word, i) => {
      bytes.setInt32(4 * i, word, true);
    });
    return Array.from(new Uint8Array(bytes.buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  private digestBlock(bytes: Uint8Array, at: number): void {
    const { state, words } = this;
    for (let i = 0; i < 16; i += 1) {
      const byte = at + 4 * i;
      words[i] = bytes[byte] | (bytes[byte + 1] << 8) | (bytes[byte + 2] << 16) | (bytes[byte + 3] << 24);
    }
    let [a, b, c, d] = state;
    for (let i = 0; i < 64; i += 1) {
      const round = i >> 4;
      let mixed: number;
      let word: number;
      if (round === 0) {
        mixed = (b & c) | (~b & d);
        word = i;
      } else if (round === 1) {
        mixed = (d & b) | (~d & c);
        word = (5 * i + 1) & 15;
      } else if (round === 2) {
        mixed = b ^ c ^ d;
        word = (3 * i + 5) & 15;
      } else {
        mixed = c ^ (b | ~d);
        word = (7 * i) & 15;
      }
      const sum = (a + mixed + SINES[i] + words[word]) | 0;
      const shift = SHIFTS[(round << 2) | (i & 3)];
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }
}
