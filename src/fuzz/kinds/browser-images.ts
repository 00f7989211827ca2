/** @file Images that the browser's own decoders read, damaged: real ones, as its encoders make them. Browsers only. */

import type { FuzzKind } from '../kind';
import { BMP_FORMAT, imageKind, jpegFormat, webpFormat } from './images';

export const BROWSER_IMAGES: FuzzKind<Uint8Array<ArrayBuffer>>[] = [
  imageKind('browser-jpeg', 'scan.jpg', async () => jpegFormat(await drawn('image/jpeg'))),
  imageKind('browser-webp', 'scan.webp', async () => webpFormat(await drawn('image/webp'))),
  imageKind('browser-bmp', 'scan.bmp', async () => BMP_FORMAT),
];

/** Small pictures of several sizes and qualities; WebP without loss at the highest. */
async function drawn(type: string): Promise<Uint8Array[]> {
  const sizes: [number, number, number][] = [
    [16, 16, 0.9],
    [33, 20, 0.3],
    [64, 48, 1],
  ];
  return Promise.all(
    sizes.map(async ([width, height, quality]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('No 2D canvas');
      for (let x = 0; x < width; x += 4) {
        context.fillStyle = `rgb(${(x * 37) % 256},${(x * 91) % 256},${(x * 13) % 256})`;
        context.fillRect(x, (x * 7) % height, 5, height / 2);
      }
      return new Uint8Array(await (await canvas.convertToBlob({ type, quality })).arrayBuffer());
    }),
  );
}
