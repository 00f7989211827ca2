/** @file WebP. Source: https://developers.google.com/speed/webp/docs/riff_container */

import { BROWSER_BYTES_PER_PIXEL, decodeInBrowser } from '../browser-decoder';
import { ImageFault } from '../image-fault';
import { type ImageFormat, spells } from './format';

const NAME = 'WebP';

export const webp: ImageFormat = {
  name: NAME,
  hasSignature: (bytes) => spells(bytes, 0, 'RIFF') && spells(bytes, 8, 'WEBP'),
  inspect(bytes) {
    const { width, height, alpha } = readHeader(bytes);
    return {
      width,
      height,
      bitDepth: 8,
      colour: alpha ? 'RGB with alpha' : 'RGB',
      decodeBytes: width * height * BROWSER_BYTES_PER_PIXEL,
      decode: () => decodeInBrowser(bytes, 'image/webp', NAME, { width, height }),
    };
  },
};

function readHeader(bytes: Uint8Array): { width: number; height: number; alpha: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cutShort = new ImageFault('is cut short: the WebP data ends before the image does; copy the file again.');
  if (bytes.length < 30 || view.getUint32(4, true) + 8 > bytes.length) throw cutShort;
  if (spells(bytes, 12, 'VP8X')) {
    return { width: uint24(bytes, 24) + 1, height: uint24(bytes, 27) + 1, alpha: (bytes[20] & 0x10) !== 0 };
  }
  if (spells(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, alpha: (bits & 0x1000_0000) !== 0 };
  }
  if (spells(bytes, 12, 'VP8 ')) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, alpha: false };
  }
  throw new ImageFault('is a damaged WebP: its first chunk is unknown.');
}

function uint24(bytes: Uint8Array, offset: number): number {
  return bytes[offset] | (bytes[offset + 1] << 8) | (bytes[offset + 2] << 16);
}
