import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openZipEntry, readZipDirectory } from './zip-directory';

interface Packed {
  name: string;
  data: Uint8Array;
  deflated?: boolean;
  /** What the directory claims instead of the truth. */
  claims?: { sizeBytes?: number; method?: number; flags?: number };
}

/** A zip file by the book, zip64 sizes in the directory when asked. */
function zip(entries: Packed[], { zip64 = false, comment = '' } = {}): File {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, deflated, claims } of entries) {
    const body = deflated ? deflateRawSync(data) : Buffer.from(data);
    const sizeBytes = claims?.sizeBytes ?? data.length;
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(4, 28);
    local.push(header, Buffer.from(name), Buffer.alloc(4), body);
    const extra = zip64 ? Buffer.alloc(28) : Buffer.alloc(0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(sizeBytes), 4);
      extra.writeBigUInt64LE(BigInt(body.length), 12);
      extra.writeBigUInt64LE(BigInt(at), 20);
    }
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(claims?.flags ?? 0, 8);
    entry.writeUInt16LE(claims?.method ?? (deflated ? 8 : 0), 10);
    entry.writeUInt32LE(crc32(data), 16);
    entry.writeUInt32LE(zip64 ? 0xffffffff : body.length, 20);
    entry.writeUInt32LE(zip64 ? 0xffffffff : sizeBytes, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(zip64 ? 0xffffffff : at, 42);
    directory.push(entry, Buffer.from(name), extra);
    at += 34 + name.length + body.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return new File([...local, list, end, comment].map(toPart), 'model.keras');
}

function toPart(part: Buffer | string): BlobPart {
  return typeof part === 'string' ? part : new Uint8Array(part);
}

const TEXT = new TextEncoder().encode('weights '.repeat(50));

async function readAll(file: File): Promise<Record<string, string>> {
  const entries = await readZipDirectory(file);
  return Object.fromEntries(
    await Promise.all(entries.map(async (entry) => [entry.name, await (await openZipEntry(file, entry)).text()])),
  );
}

describe('a zip file', () => {
  it.each([
    ['plain', {}],
    ['with 64-bit sizes', { zip64: true }],
    ['with a comment', { comment: 'PK\u0005\u0006 is a signature' }],
  ])('is read, stored and deflated: %s', async (_, options) => {
    const file = zip(
      [
        { name: 'config.json', data: new TextEncoder().encode('{}') },
        { name: 'model.weights.h5', data: TEXT, deflated: true },
      ],
      options,
    );
    expect(await readAll(file)).toEqual({ 'config.json': '{}', 'model.weights.h5': 'weights '.repeat(50) });
  });

  it('cut anywhere fails with a sentence', async () => {
    const file = zip([{ name: 'a', data: TEXT }]);
    for (let cut = 0; cut < file.size; cut += 7) {
      await expect(readAll(new File([file.slice(0, cut)], 'cut.keras'))).rejects.toMatchObject({
        code: 'bad-weights',
        message: expect.stringContaining('cut.keras'),
      });
    }
  });

  it('notices a wrong checksum', async () => {
    const bytes = new Uint8Array(await zip([{ name: 'a', data: TEXT }]).arrayBuffer());
    bytes[60] ^= 1;
    await expect(readAll(new File([bytes], 'flipped.keras'))).rejects.toMatchObject({ code: 'bad-weights' });
  });

  it('refuses bombs: by their claim, and by what comes out', async () => {
    const zeros = new Uint8Array(4 * 2 ** 20);
    const claimed = zip([{ name: 'a', data: zeros, deflated: true, claims: { sizeBytes: 2 ** 31 } }]);
    await expect(readAll(claimed)).rejects.toMatchObject({ message: expect.stringContaining('2,147,483,648 bytes') });
    const hidden = zip([{ name: 'a', data: zeros, deflated: true, claims: { sizeBytes: 1000 } }]);
    await expect(readAll(hidden)).rejects.toMatchObject({ code: 'bad-weights' });
  });

  it('refuses what it cannot unpack, by name', async () => {
    const encrypted = zip([{ name: 'a.h5', data: TEXT, claims: { flags: 1 } }]);
    await expect(readAll(encrypted)).rejects.toMatchObject({ message: expect.stringMatching(/a\.h5 is encrypted/) });
    const exotic = zip([{ name: 'a.h5', data: TEXT, claims: { method: 93 } }]);
    await expect(readAll(exotic)).rejects.toMatchObject({ message: expect.stringMatching(/a\.h5 is packed/) });
  });
});
