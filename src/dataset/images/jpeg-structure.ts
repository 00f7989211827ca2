/**
 * @file Walks the markers of a JPEG file: its dimensions, and whether it is whole.
 *
 * A browser may decode a JPEG that was cut short without a word and leave the rest grey, so the end is looked for.
 * Ancestry: ITU-T T.81 annex B.
 */

import { ImageFault } from './image-fault';

export interface ImageDimensions {
  width: number;
  height: number;
}

const CUT_SHORT = 'is cut short: the JPEG data ends before the image does; copy the file again.';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;

/** @throws {ImageFault} when the file ends before its end marker or is not laid out as a JPEG. */
export function walkJpeg(bytes: Uint8Array): ImageDimensions {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let dimensions: ImageDimensions | null = null;
  let offset = 2;
  for (;;) {
    // Any byte before the next marker is entropy-coded data or padding.
    offset = bytes.indexOf(0xff, offset);
    if (offset < 0 || offset + 1 >= bytes.length) throw new ImageFault(CUT_SHORT);
    const marker = bytes[offset + 1];
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    offset += 2;
    if (marker === 0 || marker === TEM || marker === SOI || isRestart(marker)) continue;
    if (marker === EOI) {
      if (dimensions === null) throw new ImageFault('is a damaged JPEG: it holds no image.');
      return dimensions;
    }
    if (offset + 2 > bytes.length) throw new ImageFault(CUT_SHORT);
    const length = view.getUint16(offset);
    if (length < 2) throw new ImageFault('is a damaged JPEG: a segment has no length.');
    if (offset + length > bytes.length) throw new ImageFault(CUT_SHORT);
    if (isFrame(marker) && length >= 7) {
      dimensions ??= { height: view.getUint16(offset + 3), width: view.getUint16(offset + 5) };
    }
    if (marker === SOS && dimensions === null) throw new ImageFault('is a damaged JPEG: it does not tell its size.');
    offset += length;
  }
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie between them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
