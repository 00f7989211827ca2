/** @file JPEG, as browsers decode it: 8 bits per sample, Huffman coded, sequential or progressive. */

import type { ImageColour } from '../../../domain/dataset';
import { BROWSER_BYTES_PER_PIXEL, decodeInBrowser } from '../browser-decoder';
import { type ImageFormat, startsWith } from './format';
import { walkJpeg } from './jpeg-structure';
import { muteExif } from './mute-exif';

const NAME = 'JPEG';

const COLOURS: Record<number, ImageColour> = { 1: 'grey', 4: 'CMYK' };

export const jpeg: ImageFormat = {
  name: NAME,
  hasSignature: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]),
  inspect(bytes) {
    const { width, height, precision, componentCount } = walkJpeg(bytes);
    return {
      width,
      height,
      bitDepth: precision,
      colour: COLOURS[componentCount] ?? 'RGB',
      decodeBytes: width * height * BROWSER_BYTES_PER_PIXEL,
      decode: () => {
        muteExif(bytes);
        return decodeInBrowser(bytes, 'image/jpeg', NAME, { width, height });
      },
    };
  },
};
