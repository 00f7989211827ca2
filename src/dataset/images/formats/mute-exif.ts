/**
 * @file Takes the EXIF orientation out of a JPEG's bytes before a browser decodes them.
 *
 * Keras' loader ignores it. `createImageBitmap` should too with `imageOrientation: 'none'`, but Chromium turns the
 * image all the same (its 'none' long meant 'from-image'; seen with Debian's build in 2026). Renaming the segment in
 * which it stands works everywhere. In WebP, Chromium does not act on it.
 */

import { spells } from './format';

const SOS = 0xda;
const APP1 = 0xe1;

/** Changes `bytes`, a whole JPEG file, in place. */
export function muteExif(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 2;
  // EXIF stands before the image data and nowhere else.
  while (offset + 10 < bytes.length && bytes[offset] === 0xff && bytes[offset + 1] !== SOS) {
    if (bytes[offset + 1] === APP1 && spells(bytes, offset + 4, 'Exif')) bytes.fill(0x2d, offset + 4, offset + 8);
    offset += bytes[offset + 1] === 0xff ? 1 : 2 + view.getUint16(offset + 2);
  }
}
