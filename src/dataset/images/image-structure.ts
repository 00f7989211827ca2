/** @file Everything that can be known of an image file before its pixels are decoded. */

import { ImageFault } from './image-fault';
import { type ImageFormat, recogniseFormat, spells } from './image-format';
import { type ImageDimensions, walkJpeg } from './jpeg-structure';
import { type PngHeader, walkPng } from './png-structure';

/** Above this many pixels an image is refused before any memory is asked for it. */
export const MAX_PIXELS = 100e6;
export const MIN_SIDE = 4;

export type ImageStructure =
  | { format: Exclude<ImageFormat, 'png'>; width: number; height: number }
  | { format: 'png'; width: number; height: number; header: PngHeader };

/**
 * Format, size and wholeness of an image file.
 * @throws {ImageFault} when it is no image, cut short, smaller than 4 pixels a side or larger than 100 megapixels.
 */
export function inspectImage(bytes: Uint8Array): ImageStructure {
  const structure = readStructure(bytes);
  const { width, height } = structure;
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new ImageFault(`is only ${width} × ${height} pixels; at least ${MIN_SIDE} × ${MIN_SIDE} are needed.`);
  }
  if (width * height > MAX_PIXELS) {
    const size = `${width.toLocaleString('en')} × ${height.toLocaleString('en')}`;
    throw new ImageFault(`is ${size} pixels, more than the 100 megapixels Thorax decodes; scale it down first.`);
  }
  return structure;
}

function readStructure(bytes: Uint8Array): ImageStructure {
  const format = recogniseFormat(bytes);
  switch (format) {
    case 'jpeg':
      return { format, ...walkJpeg(bytes) };
    case 'png': {
      const header = walkPng(bytes);
      return { format, width: header.width, height: header.height, header };
    }
    case 'webp':
      return { format, ...readWebp(bytes) };
    case 'bmp':
      return { format, ...readBmp(bytes) };
    default:
      return format satisfies never;
  }
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function readWebp(bytes: Uint8Array): ImageDimensions {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cutShort = new ImageFault('is cut short: the WebP data ends before the image does; copy the file again.');
  if (bytes.length < 30 || view.getUint32(4, true) + 8 > bytes.length) throw cutShort;
  if (spells(bytes, 12, 'VP8X')) return { width: uint24(bytes, 24) + 1, height: uint24(bytes, 27) + 1 };
  if (spells(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (spells(bytes, 12, 'VP8 ')) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  throw new ImageFault('is a damaged WebP: its first chunk is unknown.');
}

/** Windows' BITMAPINFOHEADER and its successors, and OS/2's short header. */
function readBmp(bytes: Uint8Array): ImageDimensions {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(14, true);
  const short = headerBytes === 12;
  if (!short && bytes.length < 34) throw new ImageFault('is cut short inside the BMP header; copy the file again.');
  const width = short ? view.getUint16(18, true) : Math.abs(view.getInt32(18, true));
  const height = short ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true));
  const bitsPerPixel = view.getUint16(short ? 24 : 28, true);
  const uncompressed = short || view.getUint32(30, true) === 0;
  const bytesPerLine = Math.ceil((width * bitsPerPixel) / 32) * 4;
  if (uncompressed && view.getUint32(10, true) + bytesPerLine * height > bytes.length) {
    throw new ImageFault('is cut short: the BMP data ends before the image does; copy the file again.');
  }
  return { width, height };
}

function uint24(bytes: Uint8Array, offset: number): number {
  return bytes[offset] | (bytes[offset + 1] << 8) | (bytes[offset + 2] << 16);
}
