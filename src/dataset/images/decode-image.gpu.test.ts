/** In the browser for its image decoders, not for a GPU. */

import { encode } from 'fast-png';
import { describe, expect, it, vi } from 'vitest';
import { decodeImage } from './decode-image';
import { decodePng } from './formats/png-pixels';
import { walkPng } from './formats/png-structure';
import { makePng } from './formats/png-test-kit';
import { ImageFault } from './image-fault';

/** Left half one colour, right half another. */
async function halves(type: string, width: number, height: number, left: string, right: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = left;
  context.fillRect(0, 0, width / 2, height);
  context.fillStyle = right;
  context.fillRect(width / 2, 0, width / 2, height);
  return canvas.convertToBlob({ type, quality: 1 });
}

const text = (content: string) => new TextEncoder().encode(content);

/** A TIFF directory entry (a quarter turn), and the end of the directory. */
const ORIENTATION_6 = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];

/** Size, and the colours a quarter in from the left and from the right. */
async function look(file: Blob) {
  return decodeImage(file, ({ data, width, height, stride }) => {
    const at = (x: number) => {
      const offset = (Math.floor(height / 2) * width + x) * stride;
      return [...data.subarray(offset, offset + 3)];
    };
    return { width, height, left: at(Math.floor(width / 4)), right: at(Math.floor((3 * width) / 4)) };
  });
}

function expectNear(actual: number[], expected: number[]) {
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(4);
}

describe('decodeImage', () => {
  it.each(['image/jpeg', 'image/webp', 'image/png'])('reads %s', async (type) => {
    const seen = await look(await halves(type, 40, 20, 'rgb(200,40,90)', 'rgb(10,20,30)'));
    expect(seen).toMatchObject({ width: 40, height: 20 });
    expectNear(seen.left, [200, 40, 90]);
    expectNear(seen.right, [10, 20, 30]);
  });

  it('reads BMP', async () => {
    const bytes = new Uint8Array(54 + 8 * 4 * 3);
    const view = new DataView(bytes.buffer);
    bytes.set([0x42, 0x4d]);
    view.setUint32(2, bytes.length, true);
    view.setUint32(10, 54, true);
    view.setUint32(14, 40, true);
    view.setInt32(18, 8, true);
    view.setInt32(22, 4, true);
    view.setUint16(26, 1, true);
    view.setUint16(28, 24, true);
    for (let pixel = 0; pixel < 32; pixel += 1) bytes.set(pixel % 8 < 4 ? [3, 2, 1] : [6, 5, 4], 54 + 3 * pixel);
    expect(await look(new Blob([bytes]))).toEqual({ width: 8, height: 4, left: [1, 2, 3], right: [4, 5, 6] });
  });

  it('goes by content, not by name or type', async () => {
    const jpeg = await halves('image/jpeg', 16, 16, 'white', 'black');
    const seen = await look(new File([jpeg], 'scan.png', { type: 'image/png' }));
    expectNear(seen.left, [255, 255, 255]);
  });

  it("leaves EXIF's orientation alone, as Keras' loader does", async () => {
    const jpeg = new Uint8Array(await (await halves('image/jpeg', 40, 20, 'white', 'black')).arrayBuffer());
    // APP1: big-endian TIFF with one entry, orientation 6 (a quarter turn).
    const exif = [0xff, 0xe1, 0, 34, ...text('Exif\0\0MM'), 0, 42, 0, 0, 0, 8, 0, 1, ...ORIENTATION_6];
    const turned = new Blob([jpeg.subarray(0, 2), new Uint8Array(exif), jpeg.subarray(2)]);
    const applied = await createImageBitmap(turned);
    expect([applied.width, applied.height]).toEqual([20, 40]);
    const seen = await look(turned);
    expect(seen).toMatchObject({ width: 40, height: 20 });
    expectNear(seen.left, [255, 255, 255]);
  });

  it('keeps 16-bit and fully transparent PNG pixels', async () => {
    const deep = Uint16Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0x4011 : 0xc0ff));
    const grey = await look(
      new Blob([new Uint8Array(encode({ width: 8, height: 8, data: deep, channels: 1, depth: 16 }))]),
    );
    expect(grey).toMatchObject({ left: [0x40, 0x40, 0x40], right: [0xc0, 0xc0, 0xc0] });
    const clear = new Uint8Array(256).map((_, i) => [10, 200, 30, 0][i % 4]);
    const hidden = await look(new Blob([new Uint8Array(encode({ width: 8, height: 8, data: clear, channels: 4 }))]));
    expect(hidden.left).toEqual([10, 200, 30]);
  });

  it('reads an interlaced PNG of one bit per pixel', async () => {
    // Adam7 of 4 x 4, columns 0 and 1 white: passes 1, 4, 5, 6 and 7, each row after its filter byte.
    const rows = [0, 0x80, 0, 0x00, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0xc0, 0, 0xc0];
    const bytes = await makePng({ width: 4, height: 4, depth: 1, colour: 0, interlaced: true }, new Uint8Array(rows));
    const png = new Blob([bytes]);
    expect(await look(png)).toEqual({ width: 4, height: 4, left: [255, 255, 255], right: [0, 0, 0] });
  });

  it('unpacks a PNG no further than its header allows', async () => {
    const bytes = await makePng({ width: 8, height: 8, depth: 8, colour: 0 }, new Uint8Array(256 * 2 ** 20));
    const header = walkPng(bytes);
    const read = vi.spyOn(bytes, 'subarray');
    await expect(decodePng(bytes, header)).rejects.toThrow(/more than the 72 bytes of 8 × 8 pixels/);
    // Each chunk once for its checksum, and the first pieces of the image data; all of it would be sixteen.
    expect(read.mock.calls.length - header.critical.length).toBeLessThan(6);
  });

  it('refuses a JPEG cut short by much or little', async () => {
    const jpeg = await halves('image/jpeg', 400, 400, 'white', 'black');
    for (const missing of [2, 100, jpeg.size - 300]) {
      await expect(look(jpeg.slice(0, jpeg.size - missing))).rejects.toThrow(/cut short/);
    }
  });

  it('refuses a JPEG whose inside is rubbish', async () => {
    const jpeg = new Uint8Array(await (await halves('image/jpeg', 40, 40, 'white', 'black')).arrayBuffer());
    const tables = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc4);
    jpeg.fill(0x7f, tables + 4, tables + 40);
    await expect(look(new Blob([jpeg]))).rejects.toThrow(ImageFault);
  });

  it('decodes many at once without failing any', async () => {
    const jpeg = await halves('image/jpeg', 1500, 1200, 'white', 'black');
    const sizes = await Promise.all(Array.from({ length: 12 }, () => look(jpeg)));
    expect(sizes.every(({ width }) => width === 1500)).toBe(true);
  });
});
