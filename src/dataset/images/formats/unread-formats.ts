/** @file Formats that are often found among radiographs and are not read: signature, name and what to do instead. */

import { type ImageFormat, spells, startsWith, unreadable } from './format';

const NOT_AN_IMAGE = 'not an image;';

export const UNREAD_FORMATS: readonly ImageFormat[] = [
  unreadable('DICOM file', isDicom, 'which this version does not read yet; export it as PNG.'),
  unreadable('GIF', (bytes) => spells(bytes, 0, 'GIF8')),
  unreadable(
    'TIFF',
    (bytes) =>
      startsWith(bytes, [0x49, 0x49, 0x2a, 0]) ||
      startsWith(bytes, [0x4d, 0x4d, 0, 0x2a]) ||
      startsWith(bytes, [0x49, 0x49, 0x2b, 0]) ||
      startsWith(bytes, [0x4d, 0x4d, 0, 0x2b]),
  ),
  unreadable('AVIF', (bytes) => spells(bytes, 4, 'ftyp') && spells(bytes, 8, 'avi')),
  unreadable('HEIC image or a video', (bytes) => spells(bytes, 4, 'ftyp')),
  // A file (JP2 and its relatives), or the bare codestream.
  unreadable(
    'JPEG 2000',
    (bytes) => startsWith(bytes, [0, 0, 0, 0x0c, 0x6a, 0x50]) || startsWith(bytes, [0xff, 0x4f, 0xff, 0x51]),
  ),
  unreadable('JPEG XL', (bytes) => startsWith(bytes, [0, 0, 0, 0x0c, 0x4a, 0x58]) || startsWith(bytes, [0xff, 0x0a])),
  unreadable('PDF document', (bytes) => spells(bytes, 0, '%PDF'), `${NOT_AN_IMAGE} convert it to PNG or JPEG.`),
  unreadable('ZIP archive', (bytes) => spells(bytes, 0, 'PK'), `${NOT_AN_IMAGE} unpack it first.`),
  unreadable(
    'Git LFS pointer',
    (bytes) => spells(bytes, 0, 'version https://git-lfs'),
    'which stands for the image; fetch the image itself with "git lfs pull".',
  ),
  unreadable('text file', isText, `${NOT_AN_IMAGE} remove it or put the image in its place.`),
];

/**
 * With its preamble, `DICM` at byte 128; without, the first element is of group 2 or 8 and has a value representation.
 * Source: DICOM PS3.10 section 7.1, https://dicom.nema.org/medical/dicom/current/output/html/part10.html
 */
function isDicom(bytes: Uint8Array): boolean {
  if (spells(bytes, 128, 'DICM')) return true;
  const group = bytes[0] === 2 || bytes[0] === 8;
  return group && bytes[1] === 0 && bytes[3] === 0 && isCapital(bytes[4]) && isCapital(bytes[5]);
}

function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}
