/**
 * @file Which format a file really has, by its first bytes; its extension is not asked.
 */

import { ImageFault } from './image-fault';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'bmp';

/**
 * @param bytes At least the first 132 bytes where the file has as many.
 * @throws {ImageFault} for anything that is not one of the four formats, saying what it looks like instead.
 */
export function recogniseFormat(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new ImageFault('is empty (0 bytes); copy the file again.');
  if (startsWith(bytes, 0, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (startsWith(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  if (spells(bytes, 0, 'RIFF') && spells(bytes, 8, 'WEBP')) return 'webp';
  if (spells(bytes, 0, 'BM') && bytes.length >= 26 && bytes[15] === 0) return 'bmp';
  throw new ImageFault(`${describeStranger(bytes)}`);
}

const CONVERT = 'convert it to PNG or JPEG.';

function describeStranger(bytes: Uint8Array): string {
  if (spells(bytes, 128, 'DICM')) return 'is a DICOM file, which this version does not read yet; export it as PNG.';
  if (spells(bytes, 0, 'GIF8')) return `is a GIF, which is not supported; ${CONVERT}`;
  if (startsWith(bytes, 0, [0x49, 0x49, 0x2a, 0]) || startsWith(bytes, 0, [0x4d, 0x4d, 0, 0x2a])) {
    return `is a TIFF, which is not supported; ${CONVERT}`;
  }
  if (spells(bytes, 4, 'ftyp')) {
    return spells(bytes, 8, 'avi')
      ? `is an AVIF, which is not supported; ${CONVERT}`
      : `is a HEIC picture or a video, which is not supported; ${CONVERT}`;
  }
  if (startsWith(bytes, 0, [0, 0, 0, 0x0c, 0x6a, 0x50])) return `is a JPEG 2000, which is not supported; ${CONVERT}`;
  if (spells(bytes, 0, '%PDF')) return `is a PDF document, not an image; ${CONVERT}`;
  if (spells(bytes, 0, 'PK')) return 'is a ZIP archive, not an image; unpack it first.';
  if (looksLikeText(bytes)) return 'is a text file, not an image; remove it or put the picture in its place.';
  return 'is not an image in a known format (JPEG, PNG, WebP or BMP).';
}

function looksLikeText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 512).every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}

function startsWith(bytes: Uint8Array, offset: number, pattern: number[]): boolean {
  return pattern.every((byte, i) => bytes[offset + i] === byte);
}

export function spells(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
