/**
 * @file PNG samples to RGB bytes as Pillow's `convert('RGB')` makes them, line by line as they are unpacked.
 *
 * Alpha and transparency are dropped, palette entries looked up, grey of 1, 2 and 4 bits spread over 0..255, 16 bits
 * cut to the upper 8. That last is where this departs from Pillow for grey: Pillow keeps 16-bit grey as integers and
 * its conversion to RGB clips them at 255, which turns nearly every such radiograph white.
 */

import { Crc32 } from '../../../base/checksum';
import { ImageFault } from '../image-fault';
import type { Raster } from '../resize';
import { inflateImageData, MOST_EXPANSION } from './png-inflate';
import { channelsOf, countImageBytes, type PngChunk, type PngHeader, type PngPass, passesOf } from './png-structure';
import { unfilterLine } from './png-unfilter';

/**
 * Unpacks no more than the header's size allows; memory is the raster and a few lines.
 * @throws {ImageFault} when a checksum or the packed data is wrong, or there is more or less of it than pixels.
 */
export async function decodePng(bytes: Uint8Array<ArrayBuffer>, header: PngHeader): Promise<Raster> {
  for (const chunk of header.critical) requireChecksum(bytes, chunk);
  requireData(header);
  const { width, height } = header;
  const data = new Uint8Array(width * height * 3);
  const writeLine = lineWriter(bytes, header, data);
  const lines = new Lines(header, writeLine);
  try {
    for await (const piece of inflateImageData(bytes, header)) lines.take(piece);
  } catch (cause) {
    if (cause instanceof ImageFault) throw cause;
    // What is wrong behind the last pixel changes none.
    if (!lines.complete) throw damaged(cause);
  }
  if (!lines.complete) throw damaged();
  return { data, width, height, stride: 3 };
}

function damaged(cause?: unknown): ImageFault {
  return new ImageFault('is a damaged PNG and cannot be decoded; copy the file again.', { cause });
}

function requireChecksum(bytes: Uint8Array, { start, end }: PngChunk): void {
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end - 4);
  if (new Crc32().update(bytes.subarray(start + 4, end - 4)).value !== stored) throw damaged();
}

/** A header may state any size: no raster is made of one that the file cannot hold. */
function requireData(header: PngHeader): void {
  const chunks = header.critical.filter(({ kind }) => kind === 'IDAT');
  const packedBytes = chunks.reduce((sum, { start, end }) => sum + end - start, 0);
  if (packedBytes * MOST_EXPANSION < countImageBytes(header)) throw damaged();
}

type WriteLine = (line: Uint8Array, pass: PngPass, y: number) => void;

/** Cuts unpacked data into lines and undoes their filters. */
class Lines {
  private readonly passes: PngPass[];
  /** Between two pixels of a line, for the filters. */
  private readonly pixelBytes: number;
  private pass = 0;
  private y = 0;
  /** The line that is being filled, with its filter's byte, and the one above it. */
  private line: Uint8Array;
  private above: Uint8Array;
  private filled = 0;

  constructor(
    private readonly header: PngHeader,
    private readonly write: WriteLine,
  ) {
    this.passes = passesOf(header);
    this.pixelBytes = Math.max(1, (header.depth * channelsOf(header)) / 8);
    this.line = new Uint8Array(1 + this.passes[0].lineBytes);
    this.above = new Uint8Array(this.line.length);
  }

  get complete(): boolean {
    return this.pass === this.passes.length;
  }

  take(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      if (this.complete) throw this.tooMuch();
      const count = Math.min(piece.length - at, this.line.length - this.filled);
      this.line.set(piece.subarray(at, at + count), this.filled);
      at += count;
      this.filled += count;
      if (this.filled === this.line.length) this.endLine();
    }
  }

  private endLine(): void {
    if (!unfilterLine(this.line, this.above, this.pixelBytes)) throw damaged();
    const pass = this.passes[this.pass];
    this.write(this.line, pass, this.y);
    [this.line, this.above] = [this.above, this.line];
    this.filled = 0;
    this.y += 1;
    if (this.y < pass.height) return;
    this.y = 0;
    this.pass += 1;
    if (this.complete) return;
    this.line = new Uint8Array(1 + this.passes[this.pass].lineBytes);
    this.above = new Uint8Array(this.line.length);
  }

  private tooMuch(): ImageFault {
    const { width, height } = this.header;
    const most = `the ${countImageBytes(this.header).toLocaleString('en')} bytes of ${width} × ${height} pixels`;
    return new ImageFault(`is a damaged PNG: it unpacks to more than ${most}; copy the file again.`);
  }
}

/** What writes one unfiltered line into `data`. // [height, width, 3] */
function lineWriter(bytes: Uint8Array, header: PngHeader, data: Uint8Array): WriteLine {
  const { width, depth, colour } = header;
  const target = (pass: PngPass, y: number) => ((pass.y + y * pass.stepY) * width + pass.x) * 3;
  if (colour === 3 || depth < 8) {
    const colours = colour === 3 ? readPalette(bytes, header) : greyLevels(depth);
    const perByte = 8 / depth;
    const mask = 2 ** depth - 1;
    return (line, pass, y) => {
      let to = target(pass, y);
      for (let x = 0; x < pass.width; x += 1) {
        const packed = line[1 + Math.floor(x / perByte)];
        const from = 3 * ((packed >> (8 - depth * ((x % perByte) + 1))) & mask);
        data[to] = colours[from];
        data[to + 1] = colours[from + 1];
        data[to + 2] = colours[from + 2];
        to += 3 * pass.stepX;
      }
    };
  }
  // The upper byte of a sample comes first.
  const sampleBytes = depth / 8;
  const pixelBytes = channelsOf(header) * sampleBytes;
  const [green, blue] = channelsOf(header) < 3 ? [0, 0] : [sampleBytes, 2 * sampleBytes];
  return (line, pass, y) => {
    let to = target(pass, y);
    let from = 1;
    for (let x = 0; x < pass.width; x += 1) {
      data[to] = line[from];
      data[to + 1] = line[from + green];
      data[to + 2] = line[from + blue];
      from += pixelBytes;
      to += 3 * pass.stepX;
    }
  };
}

/** 256 colours; those that the palette lacks are black. // [256, 3] */
function readPalette(bytes: Uint8Array, { critical }: PngHeader): Uint8Array {
  const colours = new Uint8Array(768);
  const chunk = critical.find(({ kind }) => kind === 'PLTE');
  if (chunk !== undefined) colours.set(bytes.subarray(chunk.start + 8, Math.min(chunk.end - 4, chunk.start + 8 + 768)));
  return colours;
}

/** The grey of each value of so many bits. // [2 ** depth, 3] */
function greyLevels(depth: number): Uint8Array {
  const unit = 255 / (2 ** depth - 1);
  return Uint8Array.from({ length: 3 * 2 ** depth }, (_, i) => Math.floor(i / 3) * unit);
}
