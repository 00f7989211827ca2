/** Expectations by hand, after Pillow's `convert('RGB')`; the departure for 16-bit grey is told in `png-pixels.ts`. */

import { encode, type ImageData } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { decodePng } from './png-pixels';
import { walkPng } from './png-structure';

function roundTrip(image: ImageData): number[] {
  const bytes = encode(image);
  return [...decodePng(bytes, walkPng(bytes)).data];
}

describe('decodePng', () => {
  it('repeats grey and drops alpha without blending', () => {
    expect(roundTrip({ width: 2, height: 1, data: new Uint8Array([7, 255]), channels: 1 })).toEqual([
      7, 7, 7, 255, 255, 255,
    ]);
    expect(roundTrip({ width: 2, height: 1, data: new Uint8Array([7, 0, 9, 128]), channels: 2 })).toEqual([
      7, 7, 7, 9, 9, 9,
    ]);
    const rgba = new Uint8Array([1, 2, 3, 0, 4, 5, 6, 128]);
    expect(roundTrip({ width: 2, height: 1, data: rgba, channels: 4 })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('cuts 16 bits to the upper 8', () => {
    const grey = new Uint16Array([0x0000, 0x00ff, 0x0100, 0xffff]);
    expect(roundTrip({ width: 4, height: 1, data: grey, channels: 1, depth: 16 })).toEqual([
      0, 0, 0, 0, 0, 0, 1, 1, 1, 255, 255, 255,
    ]);
    const rgb = new Uint16Array([0x1234, 0x5678, 0x9abc]);
    expect(roundTrip({ width: 1, height: 1, data: rgb, channels: 3, depth: 16 })).toEqual([0x12, 0x56, 0x9a]);
  });

  it('looks up the palette, also of packed indices', () => {
    const palette = [
      [10, 20, 30],
      [40, 50, 60],
      [70, 80, 90],
    ];
    expect(roundTrip({ width: 3, height: 1, data: new Uint8Array([2, 0, 1]), channels: 1, depth: 8, palette })).toEqual(
      [70, 80, 90, 10, 20, 30, 40, 50, 60],
    );
    // Two bits a pixel: 2, 0, 1, then padding; the next row begins a new byte.
    const packed = new Uint8Array([0b10_00_01_00, 0b01_01_00_00]);
    expect(roundTrip({ width: 3, height: 2, data: packed, channels: 1, depth: 2, palette })).toEqual([
      70, 80, 90, 10, 20, 30, 40, 50, 60, 40, 50, 60, 40, 50, 60, 10, 20, 30,
    ]);
  });

  it('spreads grey of 1, 2 and 4 bits over 0..255', () => {
    const first = (image: ImageData) => roundTrip(image).filter((_, i) => i % 3 === 0);
    expect(
      first({ width: 9, height: 1, data: new Uint8Array([0b10110000, 0b10000000]), channels: 1, depth: 1 }),
    ).toEqual([255, 0, 255, 255, 0, 0, 0, 0, 255]);
    expect(first({ width: 4, height: 1, data: new Uint8Array([0b00_01_10_11]), channels: 1, depth: 2 })).toEqual([
      0, 85, 170, 255,
    ]);
    expect(first({ width: 2, height: 1, data: new Uint8Array([0x1f]), channels: 1, depth: 4 })).toEqual([17, 255]);
  });

  it('does not stumble over broken text chunks', () => {
    const bytes = encode({ width: 1, height: 1, data: new Uint8Array([9]), channels: 1, text: { Comment: 'x' } });
    const at = bytes.findIndex((_, i) => String.fromCharCode(...bytes.subarray(i, i + 4)) === 'tEXt');
    bytes.fill(0xff, at + 4, at + 12);
    expect([...decodePng(bytes, walkPng(bytes)).data]).toEqual([9, 9, 9]);
  });

  it('refuses data whose checksum is wrong', () => {
    const bytes = encode({ width: 8, height: 8, data: new Uint8Array(64).map((_, i) => i * 3), channels: 1 });
    bytes[60] ^= 0x55;
    expect(() => decodePng(bytes, walkPng(bytes))).toThrow(/damaged PNG/);
  });
});
