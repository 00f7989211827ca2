/** @file A short fingerprint of text: the id of a dataset. */

/**
 * 106 bits as hexadecimal: two runs of cyrb53, one of which starts elsewhere. Not for security; web crypto would be
 * asynchronous and is missing on plain HTTP.
 * Ancestry: https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js (public domain)
 */
export class Fingerprint {
  private readonly lanes = new Int32Array([0xdeadbeef, 0x41c6ce57, 0x12345678, 0x9e3779b9]);

  add(text: string): void {
    const { lanes } = this;
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      lanes[0] = Math.imul(lanes[0] ^ unit, 2654435761);
      lanes[1] = Math.imul(lanes[1] ^ unit, 1597334677);
      lanes[2] = Math.imul(lanes[2] ^ unit, 2246822507);
      lanes[3] = Math.imul(lanes[3] ^ unit, 3266489909);
    }
  }

  /** The fingerprint of all that was added, in order. */
  digest(): string {
    const [a, b, c, d] = this.lanes;
    return mixed(a, b) + mixed(c, d);
  }
}

function mixed(a: number, b: number): string {
  const first = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const second = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(first ^ (first >>> 13), 3266489909);
  return (4294967296 * (2097151 & second) + (first >>> 0)).toString(16).padStart(14, '0');
}
