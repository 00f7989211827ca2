/**
 * @file PNG. Our own decoder: a canvas multiplies colours by alpha and knows 8 bits only, and libraries unpack whatever
 * the file holds, 2 GB for an image of 8 by 8 pixels.
 */

import type { ImageColour } from '../../../domain/dataset';
import { type ImageFormat, startsWith } from './format';
import { MAX_QUEUED_BYTES } from './png-inflate';
import { decodePng } from './png-pixels';
import { countImageBytes, type PngColour, walkPng } from './png-structure';

const COLOURS: Record<PngColour, ImageColour> = {
  0: 'grey',
  2: 'RGB',
  3: 'palette',
  4: 'grey with alpha',
  6: 'RGB with alpha',
};

export const png: ImageFormat = {
  name: 'PNG',
  hasSignature: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  inspect(bytes) {
    const header = walkPng(bytes);
    const { width, height, depth, colour } = header;
    return {
      width,
      height,
      bitDepth: depth,
      colour: COLOURS[colour],
      // The raster of 3 bytes per pixel, and what is unpacked ahead; the lines in memory are few.
      decodeBytes: width * height * 3 + Math.min(MAX_QUEUED_BYTES, countImageBytes(header)),
      decode: () => decodePng(bytes, header),
    };
  },
};
