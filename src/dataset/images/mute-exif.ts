/**
 * @file Takes the EXIF orientation out of a picture's bytes before a browser decodes them.
 *
 * Keras' loader ignores it. `createImageBitmap` should too with `imageOrientation: 'none'`, but Chromium turns the
 * picture all the same (its 'none' long meant 'from-image'; seen with Debian's build in 2026). Renaming the block in
 * which it stands works everywhere.
 */

import { type ImageFormat, spells } from './image-format';

/** Changes `bytes` in place; they must be a whole file of that format. */
export function muteExif(bytes: Uint8Array, format: ImageFormat): void {
  if (format === 'jpeg') muteJpeg(bytes);
  else if (format === 'webp') muteWebp(bytes);
}

function muteJpeg(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 2;
  // Segments before the image data; EXIF comes nowhere else.
  while (offset + 10 < bytes.length && bytes[offset] === 0xff && bytes[offset + 1] !== 0xda) {
    if (bytes[offset + 1] === 0xe1 && spells(bytes, offset + 4, 'Exif')) bytes.fill(0x2d, offset + 4, offset + 8);
    offset += bytes[offset + 1] === 0xff ? 1 : 2 + view.getUint16(offset + 2);
  }
}

function muteWebp(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 12;
  while (offset + 8 <= bytes.length) {
    // Decoders pass over chunks they do not know.
    if (spells(bytes, offset, 'EXIF')) bytes.fill(0x2d, offset, offset + 4);
    const size = view.getUint32(offset + 4, true);
    offset += 8 + size + (size & 1);
  }
}
