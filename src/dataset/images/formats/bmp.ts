/** @file BMP: Windows' BITMAPINFOHEADER and its successors, and OS/2's short header. */

import { BROWSER_BYTES_PER_PIXEL, decodeInBrowser } from '../browser-decoder';
import { ImageFault } from '../image-fault';
import { type ImageFormat, spells } from './format';

const NAME = 'BMP';
/** Bits per pixel. */
const DEPTHS = [1, 2, 4, 8, 16, 24, 32];

export const bmp: ImageFormat = {
  name: NAME,
  hasSignature: (bytes) => spells(bytes, 0, 'BM') && bytes.length >= 26 && bytes[15] === 0,
  inspect(bytes) {
    const { width, height, bitsPerPixel } = readHeader(bytes);
    return {
      width,
      height,
      bitDepth: Math.min(8, bitsPerPixel),
      colour: bitsPerPixel <= 8 ? 'palette' : 'RGB',
      decodeBytes: width * height * BROWSER_BYTES_PER_PIXEL,
      decode: () => decodeInBrowser(bytes, 'image/bmp', NAME, { width, height }),
    };
  },
};

function readHeader(bytes: Uint8Array): { width: number; height: number; bitsPerPixel: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(14, true);
  const short = headerBytes === 12;
  if (!short && bytes.length < 34) throw new ImageFault('is cut short inside the BMP header; copy the file again.');
  const width = short ? view.getUint16(18, true) : Math.abs(view.getInt32(18, true));
  const height = short ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true));
  const bitsPerPixel = view.getUint16(short ? 24 : 28, true);
  if (!DEPTHS.includes(bitsPerPixel)) {
    throw new ImageFault('is a damaged BMP: its header is of no kind that there is; copy the file again.');
  }
  const uncompressed = short || view.getUint32(30, true) === 0;
  const bytesPerLine = Math.ceil((width * bitsPerPixel) / 32) * 4;
  if (uncompressed && view.getUint32(10, true) + bytesPerLine * height > bytes.length) {
    throw new ImageFault('is cut short: the BMP data ends before the image does; copy the file again.');
  }
  return { width, height, bitsPerPixel };
}
