/**
 * @file An image file to pixels, in a worker or a page.
 *
 * PNG goes through our own decoder, because a canvas multiplies colours by alpha and knows 8 bits only. JPEG, WebP and
 * BMP go through the browser's, told to apply neither colour profiles nor EXIF orientation, which Keras' loader ignores
 * too. Known departure: under transparent parts of a WebP the canvas has already lost the colour that Pillow keeps.
 */

import { ImageFault } from './image-fault';
import type { ImageFormat } from './image-format';
import { inspectImage } from './image-structure';
import { muteExif } from './mute-exif';
import { decodePng } from './png-pixels';
import type { Raster } from './resize';
import { WorkGate } from './work-gate';

const MAX_FILE_BYTES = 512 * 2 ** 20;

/** Four ordinary films at once, or one of the largest: a raster takes up to 4 bytes a pixel, 400 MB in all. */
const MEGAPIXELS_AT_ONCE = 100;
const LEAST_SHARE = MEGAPIXELS_AT_ONCE / 4;

const gate = new WorkGate(MEGAPIXELS_AT_ONCE);

/**
 * Decodes one file and hands the pixels to `use` before the next large one is let in, so that waiting results do not
 * pile up.
 * @throws {ImageFault} when the file is no image, damaged, cut short, too small or too large.
 */
export async function decodeImage<T>(file: Blob, use: (raster: Raster) => T): Promise<T> {
  if (file.size > MAX_FILE_BYTES) {
    throw new ImageFault(
      `is ${Math.round(file.size / 2 ** 20).toLocaleString('en')} MiB, more than the 512 MiB a picture may have.`,
    );
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const structure = inspectImage(bytes);
  const megapixels = (structure.width * structure.height) / 1e6;
  return gate.run(Math.max(LEAST_SHARE, megapixels), async () => {
    // The decoder in JavaScript unpacks interlaced rows of less than a byte a sample wrongly; the browser's does not,
    // and 8 bits are enough for those.
    const ownDecoder = structure.format === 'png' && !(structure.header.interlaced && structure.header.depth < 8);
    return use(ownDecoder ? decodePng(bytes, structure.header) : await decodeInBrowser(bytes, structure.format));
  });
}

async function decodeInBrowser(bytes: Uint8Array<ArrayBuffer>, format: ImageFormat): Promise<Raster> {
  if (format === 'jpeg') muteExif(bytes);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: `image/${format}` }), {
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (cause) {
    throw new ImageFault(`is a damaged ${format.toUpperCase()} and cannot be decoded; copy the file again.`, { cause });
  }
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('This browser has no 2D canvas in workers.');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { data: context.getImageData(0, 0, width, height).data, width, height, stride: 4 };
}
