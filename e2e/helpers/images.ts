/**
 * @file Bytes of small test images, drawn in code.
 *
 * PNG is written here, because tests need kinds that no canvas makes: 1x1, huge, one bit a pixel. JPEG comes from a canvas.
 */

import { crc32, deflateSync } from 'node:zlib';
import type { Page } from '@playwright/test';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A grey PNG; `grey` gives 0..255 for each pixel. */
export function encodeGreyPng(width: number, height: number, grey: (x: number, y: number) => number): Buffer {
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = grey(x, y);
  }
  return assemblePng(width, height, 8, rows);
}

/** A black PNG of one bit a pixel: 12,000 x 9,000 is a few kilobytes and a valid image. */
export function encodeBlackPng(width: number, height: number): Buffer {
  return assemblePng(width, height, 1, Buffer.alloc(height * (Math.ceil(width / 8) + 1)));
}

function assemblePng(width: number, height: number, bitDepth: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth; // colour type 0 (grey), no interlace
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/**
 * An image whose class can be seen: two dark fields on grey, a bright band whose place shows the class, and grain that makes
 * every image different.
 */
export function drawRadiograph(classIndex: number, index: number, side = 48): Buffer {
  const grain = pseudoRandom(classIndex * 1000 + index + 1);
  const band = (0.2 + 0.25 * classIndex) * side;
  return encodeGreyPng(side, side, (x, y) => {
    const lung = Math.abs(Math.abs(x - side / 2) - side / 4) < side / 6 && y > side * 0.15 && y < side * 0.85;
    const bright = Math.abs(y - band) < side * 0.08;
    return Math.max(0, Math.min(255, (lung ? 60 : 150) + (bright ? 80 : 0) + grain() * 30));
  });
}

/** A JPEG of the same size from the page's own canvas. */
export async function encodeJpeg(page: Page, side = 48): Promise<Buffer> {
  const base64 = await page.evaluate((size) => {
    const canvas = document.createElement('canvas');
    canvas.width = size;
    canvas.height = size;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no 2d context');
    const gradient = context.createRadialGradient(size / 2, size / 2, 1, size / 2, size / 2, size / 2);
    gradient.addColorStop(0, '#eee');
    gradient.addColorStop(1, '#222');
    context.fillStyle = gradient;
    context.fillRect(0, 0, size, size);
    return canvas.toDataURL('image/jpeg').split(',')[1];
  }, side);
  return Buffer.from(base64, 'base64');
}

/** Uniform in [0, 1), the same for the same seed (Park and Miller). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
