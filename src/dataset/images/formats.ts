/**
 * @file The registry of image formats. A file's first bytes decide its format; its extension does not count.
 *
 * A new format is one entry here and one file in `formats/`.
 */

import { bmp } from './formats/bmp';
import { type ImageFormat, type InspectedImage, SIGNATURE_BYTES } from './formats/format';
import { jpeg } from './formats/jpeg';
import { png } from './formats/png';
import { UNREAD_FORMATS } from './formats/unread-formats';
import { webp } from './formats/webp';
import { ImageFault } from './image-fault';

/** The first entry whose signature fits is used, so the loosest signatures stand last. */
const FORMATS: readonly ImageFormat[] = [jpeg, png, webp, bmp, ...UNREAD_FORMATS];

/** An image of more pixels is refused before any memory is allocated for it. */
export const MAX_PIXELS = 100e6;
const MIN_SIDE = 4;

/**
 * @param bytes The beginning of a file, at least {@link SIGNATURE_BYTES} where it has as many.
 * @throws {ImageFault} when no format of the registry begins like this.
 */
export function recogniseFormat(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new ImageFault('is empty (0 bytes); copy the file again.');
  const beginning = bytes.subarray(0, SIGNATURE_BYTES);
  const format = FORMATS.find(({ hasSignature }) => hasSignature(beginning));
  if (format === undefined) throw new ImageFault('is not an image in a known format (JPEG, PNG, WebP or BMP).');
  return format;
}

/**
 * Format, size and wholeness of an image file; no pixel is decoded.
 * @param bytes The whole file.
 * @throws {ImageFault} when it is no image, cut short, smaller than 4 pixels a side or larger than 100 megapixels.
 */
export function inspectImage(bytes: Uint8Array<ArrayBuffer>): InspectedImage & { format: ImageFormat } {
  const format = recogniseFormat(bytes);
  const image = format.inspect(bytes);
  const { width, height } = image;
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new ImageFault(`is only ${width} × ${height} pixels; at least ${MIN_SIDE} × ${MIN_SIDE} are needed.`);
  }
  if (width * height > MAX_PIXELS) {
    const size = `${width.toLocaleString('en')} × ${height.toLocaleString('en')}`;
    throw new ImageFault(`is ${size} pixels, more than the 100 megapixels Thorax decodes; scale it down first.`);
  }
  return { ...image, format };
}
