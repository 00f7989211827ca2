/**
 * @file Walks the markers of a JPEG file: its frame, whether it is whole, and whether it is of a kind that is read.
 *
 * A browser may decode a JPEG that was cut short without a word and leave the rest grey, so the end is looked for.
 * Ancestry: ITU-T T.81 annex B.
 */

import { ImageFault } from '../image-fault';

export interface JpegFrame {
  width: number;
  height: number;
  /** Bits per sample. */
  precision: number;
  /** 1 is grey, 3 is colour, 4 is CMYK. */
  componentCount: number;
}

const CUT_SHORT = 'is cut short: the JPEG data ends before the image does; copy the file again.';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;

/** Progressive images have about ten. Each costs a pass over all pixels, whatever few bytes it has. */
const MOST_SCANS = 100;

/** Frames that no browser decodes, by their marker; ITU-T T.81 table B.1 and T.87. */
const UNREAD_FRAMES: Record<number, string> = {
  195: 'a lossless JPEG',
  197: 'a hierarchical JPEG',
  198: 'a hierarchical JPEG',
  199: 'a hierarchical JPEG',
  201: 'an arithmetic-coded JPEG',
  202: 'an arithmetic-coded JPEG',
  203: 'a lossless JPEG',
  205: 'a hierarchical JPEG',
  206: 'a hierarchical JPEG',
  207: 'a hierarchical JPEG',
  247: 'a JPEG-LS',
};

/** @throws {ImageFault} when the file ends before its end marker, is not laid out as a JPEG, or of a kind not read. */
export function walkJpeg(bytes: Uint8Array): JpegFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: JpegFrame | null = null;
  let scans = 0;
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
      if (frame === null) throw new ImageFault('is a damaged JPEG: it holds no image.');
      return frame;
    }
    if (offset + 2 > bytes.length) throw new ImageFault(CUT_SHORT);
    const length = view.getUint16(offset);
    if (length < 2) throw new ImageFault('is a damaged JPEG: a segment has no length.');
    if (offset + length > bytes.length) throw new ImageFault(CUT_SHORT);
    if (isFrame(marker) && length >= 8) {
      frame ??= readFrame(view, offset, marker);
    }
    if (marker === SOS) {
      if (frame === null) throw new ImageFault('is a damaged JPEG: its size is missing.');
      scans += 1;
      if (scans > MOST_SCANS) {
        throw new ImageFault(`is a damaged JPEG: it has more than ${MOST_SCANS} scans; copy the file again.`);
      }
    }
    offset += length;
  }
}

function readFrame(view: DataView, offset: number, marker: number): JpegFrame {
  const precision = view.getUint8(offset + 2);
  // A JPEG of more bits is whole, but the browser would call it damaged.
  const unread = UNREAD_FRAMES[marker] ?? (precision === 8 ? null : `a JPEG of ${precision} bits a sample`);
  if (unread !== null) throw new ImageFault(`is ${unread}, which is not supported; convert it to PNG.`);
  return {
    precision,
    height: view.getUint16(offset + 3),
    width: view.getUint16(offset + 5),
    componentCount: view.getUint8(offset + 7),
  };
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie between them, and JPEG-LS' own. */
function isFrame(marker: number): boolean {
  if (marker === 0xf7) return true;
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
