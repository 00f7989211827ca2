/**
 * @file Walks the chunks of a PNG file: its header, and whether it is whole.
 *
 * Ancestry: the PNG specification, https://www.w3.org/TR/png-3/#5DataRep
 */

import { ImageFault } from '../image-fault';
import { spells } from './format';

/** Colour types of the specification: grey, RGB, palette, grey with alpha, RGB with alpha. */
export type PngColour = 0 | 2 | 3 | 4 | 6;

export interface PngHeader {
  width: number;
  height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  depth: number;
  colour: PngColour;
  interlaced: boolean;
  /** Where the chunks lie that decide the pixels (IHDR, PLTE, IDAT, IEND), length field and checksum included. */
  critical: PngChunk[];
}

export interface PngChunk {
  kind: string;
  start: number;
  end: number;
}

/** A sub-image whose lines follow each other in the data: the whole image, or one of Adam7's seven passes. */
export interface PngPass {
  /** Position of its first pixel and distance between its pixels, in the whole image. */
  x: number;
  y: number;
  stepX: number;
  stepY: number;
  width: number;
  height: number;
  /** Bytes per line, without the byte that names its filter. */
  lineBytes: number;
}

const CUT_SHORT = 'is cut short: the PNG data ends before the image does; copy the file again.';
const SIGNATURE_BYTES = 8;
const CRITICAL = ['IHDR', 'PLTE', 'IDAT', 'IEND'];

const CHANNELS: Record<PngColour, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Record<PngColour, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** @throws {ImageFault} when the file ends before its last chunk or does not begin with a header that is possible. */
export function walkPng(bytes: Uint8Array): PngHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIGNATURE_BYTES + 25) throw new ImageFault(CUT_SHORT);
  if (!spells(bytes, SIGNATURE_BYTES + 4, 'IHDR')) throw new ImageFault('is a damaged PNG: it has no header.');
  const header: PngHeader = {
    width: view.getUint32(16),
    height: view.getUint32(20),
    ...readKind(bytes),
    interlaced: bytes[28] === 1,
    critical: [],
  };
  let offset = SIGNATURE_BYTES;
  for (;;) {
    if (offset + 12 > bytes.length) throw new ImageFault(CUT_SHORT);
    const end = offset + 12 + view.getUint32(offset);
    if (end > bytes.length) throw new ImageFault(CUT_SHORT);
    const kind = CRITICAL.find((name) => spells(bytes, offset + 4, name));
    if (kind !== undefined) header.critical.push({ kind, start: offset, end });
    if (kind === 'IEND') return header;
    offset = end;
  }
}

function readKind(bytes: Uint8Array): Pick<PngHeader, 'depth' | 'colour'> {
  const [depth, colour, compression, filter, interlace] = bytes.subarray(24, 29);
  const known = isColour(colour) && DEPTHS[colour].includes(depth);
  if (!known || compression !== 0 || filter !== 0 || interlace > 1) {
    throw new ImageFault('is a damaged PNG: its header is of no kind that there is; copy the file again.');
  }
  return { depth, colour };
}

function isColour(value: number): value is PngColour {
  return value in CHANNELS;
}

/** Samples of a pixel; the index into a palette is one. */
export function channelsOf({ colour }: PngHeader): number {
  return CHANNELS[colour];
}

/** In the order in which their lines lie in the data; passes without a pixel are left out, as the data has none of them. */
export function passesOf(header: PngHeader): PngPass[] {
  const bits = header.depth * channelsOf(header);
  const steps = header.interlaced ? ADAM7 : [[0, 0, 1, 1]];
  return steps
    .map(([x, y, stepX, stepY]) => {
      const width = Math.ceil((header.width - x) / stepX);
      const height = Math.ceil((header.height - y) / stepY);
      return { x, y, stepX, stepY, width, height, lineBytes: Math.ceil((width * bits) / 8) };
    })
    .filter(({ width, height }) => width > 0 && height > 0);
}

/** Length of the unpacked image data, computed from the header. */
export function countImageBytes(header: PngHeader): number {
  return passesOf(header).reduce((sum, { height, lineBytes }) => sum + height * (1 + lineBytes), 0);
}
