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

/** What every browser draws; beyond, some leave the canvas empty without a word. */
const MOST_SIDE = 16_384;

/**
 * @param name Of the format: "JPEG".
 * @param stated Its size in pixels, as its header states it.
 * @throws {ImageFault} when the browser cannot decode it.
 */
export async function decodeInBrowser(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
  name: string,
  stated: { width: number; height: number },
): Promise<Raster> {
  if (Math.max(stated.width, stated.height) > MOST_SIDE) {
    const size = `${stated.width.toLocaleString('en')} × ${stated.height.toLocaleString('en')}`;
    const most = `${MOST_SIDE.toLocaleString('en')} pixels a side that browsers draw`;
    throw new ImageFault(`is ${size} pixels, more than the ${most}; scale it down or convert it to PNG.`);
  }
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
