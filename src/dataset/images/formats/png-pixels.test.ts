/** Expectations by hand, after Pillow's `convert('RGB')`; `png-pixels.ts` describes the departure for 16-bit grey. */

import { encode, type ImageData } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { decodePng } from './png-pixels';
import { walkPng } from './png-structure';
import { makePng } from './png-test-kit';

async function decoded(bytes: Uint8Array<ArrayBuffer>): Promise<number[]> {
  return [...(await decodePng(bytes, walkPng(bytes))).data];
}

function roundTrip(image: ImageData): Promise<number[]> {
  return decoded(new Uint8Array(encode(image)));
}

describe('decodePng', () => {
  it('repeats grey and drops alpha without blending', async () => {
    expect(await roundTrip({ width: 2, height: 1, data: new Uint8Array([7, 255]), channels: 1 })).toEqual([
      7, 7, 7, 255, 255, 255,
    ]);
    expect(await roundTrip({ width: 2, height: 1, data: new Uint8Array([7, 0, 9, 128]), channels: 2 })).toEqual([
      7, 7, 7, 9, 9, 9,
    ]);
    const rgba = new Uint8Array([1, 2, 3, 0, 4, 5, 6, 128]);
    expect(await roundTrip({ width: 2, height: 1, data: rgba, channels: 4 })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('cuts 16 bits to the upper 8', async () => {
    const grey = new Uint16Array([0x0000, 0x00ff, 0x0100, 0xffff]);
    expect(await roundTrip({ width: 4, height: 1, data: grey, channels: 1, depth: 16 })).toEqual([
      0, 0, 0, 0, 0, 0, 1, 1, 1, 255, 255, 255,
    ]);
    const rgb = new Uint16Array([0x1234, 0x5678, 0x9abc]);
    expect(await roundTrip({ width: 1, height: 1, data: rgb, channels: 3, depth: 16 })).toEqual([0x12, 0x56, 0x9a]);
  });

  it('looks up the palette, also of packed indices', async () => {
    const palette = [
      [10, 20, 30],
      [40, 50, 60],
      [70, 80, 90],
    ];
    expect(
      await roundTrip({ width: 3, height: 1, data: new Uint8Array([2, 0, 1]), channels: 1, depth: 8, palette }),
    ).toEqual([70, 80, 90, 10, 20, 30, 40, 50, 60]);
    // Two bits a pixel: 2, 0, 1, then padding; the next row begins a new byte.
    const packed = new Uint8Array([0b10_00_01_00, 0b01_01_00_00]);
    expect(await roundTrip({ width: 3, height: 2, data: packed, channels: 1, depth: 2, palette })).toEqual([
      70, 80, 90, 10, 20, 30, 40, 50, 60, 40, 50, 60, 40, 50, 60, 10, 20, 30,
    ]);
  });

  it('spreads grey of 1, 2 and 4 bits over 0..255', async () => {
    const first = async (image: ImageData) => (await roundTrip(image)).filter((_, i) => i % 3 === 0);
    expect(
      await first({ width: 9, height: 1, data: new Uint8Array([0b10110000, 0b10000000]), channels: 1, depth: 1 }),
    ).toEqual([255, 0, 255, 255, 0, 0, 0, 0, 255]);
    expect(await first({ width: 4, height: 1, data: new Uint8Array([0b00_01_10_11]), channels: 1, depth: 2 })).toEqual([
      0, 85, 170, 255,
    ]);
    expect(await first({ width: 2, height: 1, data: new Uint8Array([0x1f]), channels: 1, depth: 4 })).toEqual([
      17, 255,
    ]);
  });

  it('does not stumble over broken text chunks', async () => {
    const bytes = new Uint8Array(
      encode({ width: 1, height: 1, data: new Uint8Array([9]), channels: 1, text: { Comment: 'x' } }),
    );
    const at = bytes.findIndex((_, i) => String.fromCharCode(...bytes.subarray(i, i + 4)) === 'tEXt');
    bytes.fill(0xff, at + 4, at + 12);
    expect(await decoded(bytes)).toEqual([9, 9, 9]);
  });

  it.each([1, 2, 3, 4])('undoes filter %i', async (filter) => {
    // Of 3 x 2 RGB pixels, each line filtered by hand from the plain values.
    const plain = [
      [10, 20, 30, 40, 50, 60, 70, 80, 250],
      [5, 200, 31, 41, 52, 63, 10, 0, 255],
    ];
    const zeros = new Array(9).fill(0);
    const filtered = plain.flatMap((line, y) => [
      filter,
      ...line.map((value, i) => {
        const above = y === 0 ? zeros : plain[0];
        const [left, corner] = i < 3 ? [0, 0] : [line[i - 3], above[i - 3]];
        return (value - predictions(left, above[i], corner)[filter - 1]) & 255;
      }),
    ]);
    const bytes = await makePng({ width: 3, height: 2, depth: 8, colour: 2 }, new Uint8Array(filtered));
    expect(await decoded(bytes)).toEqual(plain.flat());
  });

  it('reads interlaced images of few bits and of 16', async () => {
    // Adam7 of 4 x 4, columns 0 and 1 white: passes 1, 4, 5, 6 and 7, each row after its filter byte.
    const bits = [0, 0x80, 0, 0x00, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0xc0, 0, 0xc0];
    const white = (row: number[]) => row.flatMap((value) => [value, value, value]);
    const rows = white([255, 255, 0, 0]);
    const one = await makePng({ width: 4, height: 4, depth: 1, colour: 0, interlaced: true }, new Uint8Array(bits));
    expect(await decoded(one)).toEqual([...rows, ...rows, ...rows, ...rows]);
    // 2 x 2 of 16 bits: passes 1, 6 and 7.
    const deep = new Uint8Array([0, 0x11, 0xff, 0, 0x22, 0xff, 0, 0x33, 0xff, 0x44, 0xff]);
    const sixteen = await makePng({ width: 2, height: 2, depth: 16, colour: 0, interlaced: true }, deep);
    expect(await decoded(sixteen)).toEqual(white([0x11, 0x22, 0x33, 0x44]));
  });

  it('reads image data in several chunks, an empty one among them', async () => {
    const lines = new Uint8Array(8 * 9).map((_, i) => (i % 9 === 0 ? 0 : i));
    const whole = await decoded(await makePng({ width: 8, height: 8, depth: 8, colour: 0 }, lines));
    expect(await decoded(await makePng({ width: 8, height: 8, depth: 8, colour: 0 }, lines, 7))).toEqual(whole);
  });

  it.each([
    ['a byte too much', 73],
    ['64 MB too much', 64 * 2 ** 20],
  ])('refuses data that unpacks to %s, and names the bound', async (_, length) => {
    const bytes = await makePng({ width: 8, height: 8, depth: 8, colour: 0 }, new Uint8Array(length));
    await expect(decoded(bytes)).rejects.toThrow(
      'is a damaged PNG: it unpacks to more than the 72 bytes of 8 × 8 pixels; copy the file again.',
    );
  });

  it('refuses data that unpacks to less than the image', async () => {
    const bytes = await makePng({ width: 8, height: 8, depth: 8, colour: 0 }, new Uint8Array(71));
    await expect(decoded(bytes)).rejects.toThrow(/damaged PNG/);
  });

  it('makes no raster of a size that the file cannot hold', async () => {
    const bytes = await makePng({ width: 9999, height: 9999, depth: 8, colour: 2 }, new Uint8Array(2 ** 20));
    const before = process.memoryUsage().arrayBuffers;
    const refused = expect(decoded(bytes)).rejects.toThrow(/damaged PNG/);
    const taken = process.memoryUsage().arrayBuffers - before;
    await refused;
    // The raster would have 286 MiB.
    expect(taken).toBeLessThan(100 * 2 ** 20);
  });

  it('refuses data whose checksum is wrong', async () => {
    const bytes = new Uint8Array(
      encode({ width: 8, height: 8, data: new Uint8Array(64).map((_, i) => i * 3), channels: 1 }),
    );
    bytes[60] ^= 0x55;
    await expect(decoded(bytes)).rejects.toThrow(/damaged PNG/);
  });

  it.each([
    ['a depth that its colour cannot have', { depth: 4, colour: 2 }],
    ['a colour that there is none of', { depth: 8, colour: 5 }],
    ['a depth of 3', { depth: 3, colour: 0 }],
  ])('refuses %s', async (_, kind) => {
    const bytes = await makePng({ width: 8, height: 8, ...kind }, new Uint8Array(72));
    expect(() => walkPng(bytes)).toThrow(/its header is of no kind that there is/);
  });
});

/** What filters 1 to 4 predict a byte to be. */
function predictions(left: number, above: number, corner: number): number[] {
  const estimate = left + above - corner;
  const nearest = [left, above, corner].reduce((best, value) =>
    Math.abs(estimate - value) < Math.abs(estimate - best) ? value : best,
  );
  return [left, above, (left + above) >> 1, nearest];
}
