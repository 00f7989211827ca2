/**
 * @file Pixels of the formats that the browser decodes, without colour profiles and EXIF orientation, which Keras'
 * loader ignores too.
 *
 * Known departure: under transparent parts of a WebP the canvas has already lost the colour that Pillow keeps.
 */

import { ImageFault } from './image-fault';
import type { Raster } from './resize';

/** Most memory per pixel: bitmap and canvas, or canvas and the bytes read back, 4 bytes each. */
export const BROWSER_BYTES_PER_PIXEL = 8;

/**
 * @param name Of the format: "JPEG".
 * @throws {ImageFault} when the browser cannot decode it.
 */
export async function decodeInBrowser(bytes: Uint8Array<ArrayBuffer>, type: string, name: string): Promise<Raster> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type }), {
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (cause) {
    throw new ImageFault(`is a damaged ${name} and cannot be decoded; copy the file again.`, { cause });
  }
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('This browser has no 2D canvas in workers.');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { data: context.getImageData(0, 0, width, height).data, width, height, stride: 4 };
}
