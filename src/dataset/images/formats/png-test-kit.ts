/** @file PNG files from their parts, honest or not. For tests only. */

import { Crc32 } from '../../../base/checksum';

export interface PngKind {
  width: number;
  height: number;
  depth: number;
  colour: number;
  interlaced?: boolean;
}

/**
 * @param lines The image data before packing, filter bytes included; nothing requires it to be as long as it should.
 * @param chunkBytes Of packed data in a chunk; the last chunk is empty then.
 */
export async function makePng(
  { width, height, depth, colour, interlaced = false }: PngKind,
  lines: Uint8Array<ArrayBuffer>,
  chunkBytes?: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  const packed = await deflated(lines);
  const data: Uint8Array<ArrayBuffer>[] = [];
  const step = chunkBytes ?? packed.length;
  for (let at = 0; at < packed.length; at += step) data.push(chunk('IDAT', packed.subarray(at, at + step)));
  if (chunkBytes !== undefined) data.push(chunk('IDAT', new Uint8Array(0)));
  const parts = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...data,
    chunk('IEND', new Uint8Array(0)),
  ];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function chunk(name: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(12 + body.length);
  const view = new DataView(result.buffer);
  view.setUint32(0, body.length);
  result.set(new TextEncoder().encode(name), 4);
  result.set(body, 8);
  view.setUint32(8 + body.length, new Crc32().update(result.subarray(4, 8 + body.length)).value);
  return result;
}
