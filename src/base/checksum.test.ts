import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Crc32 } from './checksum';

describe('Crc32', () => {
  it('gives the published check value', () => {
    expect(new Crc32().update(new TextEncoder().encode('123456789')).value).toBe(0xcbf43926);
    expect(new Crc32().value).toBe(0);
  });

  it('agrees with zlib whatever the cuts', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) >>> 3);
    const whole = crc32(bytes);
    for (const cut of [0, 1, 15, 16, 17, 500, 999]) {
      const running = new Crc32().update(bytes.subarray(0, cut)).update(bytes.subarray(cut));
      expect(running.value).toBe(whole);
    }
  });
});
