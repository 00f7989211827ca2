/**
 * @file PNG samples to RGB bytes as Pillow's `convert('RGB')` makes them.
 *
 * Alpha and transparency are dropped, palette entries looked up, grey of 1, 2 and 4 bits spread over 0..255, 16 bits
 * cut to the upper 8. That last is where this departs from Pillow for grey: Pillow keeps 16-bit grey as integers and
 * its conversion to RGB clips them at 255, which turns nearly every such radiograph white.
 */

import { decode } from 'fast-png';
import { ImageFault } from './image-fault';
import { type PngHeader, withoutAncillaryChunks } from './png-structure';
import type { Raster } from './resize';

/** @throws {ImageFault} when the compressed data or a checksum is wrong. */
export function decodePng(bytes: Uint8Array, header: PngHeader): Raster {
  const png = readSamples(withoutAncillaryChunks(bytes, header));
  const { width, height, channels, depth, palette } = png;
  const result = new Uint8Array(width * height * 3);
  if (palette !== undefined && channels === 1) {
    const colours = Uint8Array.from({ length: 768 }, (_, i) => palette[Math.floor(i / 3)]?.[i % 3] ?? 0);
    forEachSample(png.data, width, height, depth, (pixel, index) => {
      result[3 * pixel] = colours[3 * index];
      result[3 * pixel + 1] = colours[3 * index + 1];
      result[3 * pixel + 2] = colours[3 * index + 2];
    });
  } else if (depth < 8) {
    const unit = 255 / (2 ** depth - 1);
    forEachSample(png.data, width, height, depth, (pixel, level) =>
      result.fill(level * unit, 3 * pixel, 3 * pixel + 3),
    );
  } else {
    const shift = depth === 16 ? 8 : 0;
    const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const at = pixel * channels;
      result[3 * pixel] = png.data[at] >> shift;
      result[3 * pixel + 1] = png.data[at + green] >> shift;
      result[3 * pixel + 2] = png.data[at + blue] >> shift;
    }
  }
  return { data: result, width, height, stride: 3 };
}

function readSamples(bytes: Uint8Array<ArrayBuffer>): ReturnType<typeof decode> {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw new ImageFault('is a damaged PNG and cannot be decoded; copy the file again.', { cause });
  }
}

/** One sample a pixel, packed into bytes row by row when it has fewer than 8 bits. */
function forEachSample(
  data: ArrayLike<number>,
  width: number,
  height: number,
  depth: number,
  visit: (pixel: number, sample: number) => void,
): void {
  const bytesPerLine = Math.ceil((width * depth) / 8);
  const perByte = 8 / depth;
  const mask = 2 ** depth - 1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const packed = data[y * bytesPerLine + Math.floor(x / perByte)];
      visit(y * width + x, (packed >> (8 - depth * ((x % perByte) + 1))) & mask);
    }
  }
}
