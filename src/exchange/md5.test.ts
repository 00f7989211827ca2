import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Md5 } from './md5';

const hash = (text: string) => new Md5().update(new TextEncoder().encode(text)).finish();

it('gives the hashes of RFC 1321', () => {
  expect(hash('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
  expect(hash('message digest')).toBe('f96b697d7cb7938d525a2f31aaf161d0');
  expect(hash('1234567890'.repeat(8))).toBe('57edf4a22be3c955ac49da2e2107b67a');
});

it('agrees with OpenSSL at every length around a block, whatever the cuts', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) >>> 3);
  for (let length = 0; length <= bytes.length; length += 1) {
    const part = bytes.subarray(0, length);
    const cut = (length * 7) % (length + 1);
    const md5 = new Md5().update(part.subarray(0, cut)).update(part.subarray(cut));
    expect(md5.finish()).toBe(createHash('md5').update(part).digest('hex'));
  }
});
