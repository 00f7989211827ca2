/** @file Image files whose structure is sound, as small as they can be; only those of BMP hold pixels. For tests only. */

/** Bytes and ASCII texts, one after another. */
export function bytesOf(...parts: (readonly number[] | string)[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : [...part])),
  );
}

/** A JPEG's skeleton: an APP1 with a thumbnail's markers inside, the frame header, and two scans or more. */
export function skeletonJpeg(
  width: number,
  height: number,
  frame = 0xc2,
  precision = 8,
  scans = 2,
): Uint8Array<ArrayBuffer> {
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 5];
  return bytesOf(
    [0xff, 0xd8],
    [0xff, 0xe1, 0, 8, 0xff, 0xd8, 0xff, 0xc0, 0xff, 0xd9],
    [0xff, frame, 0, 11, precision, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0],
    ...new Array<number[]>(scans - 1).fill(scan),
    [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 6, 7, 0xff, 0xff, 0xd9],
  );
}

/** A black BMP of 24 bits a pixel, its first line on top. */
export function blackBmp(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(54 + Math.ceil((width * 24) / 32) * 4 * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, -height, true);
  view.setUint16(28, 24, true);
  return bytes;
}

/** A WebP's container around the parts of its first chunk. */
export function skeletonWebp(...chunk: (number[] | string)[]): Uint8Array<ArrayBuffer> {
  const body = bytesOf('WEBP', ...chunk);
  return bytesOf('RIFF', [body.length, 0, 0, 0], [...body]);
}

/** The three kinds of WebP, each of 320 × 200 pixels. */
export const WEBP_KINDS: Record<string, Uint8Array<ArrayBuffer>> = {
  lossy: skeletonWebp('VP8 ', [10, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 64, 1, 200, 0]),
  lossless: skeletonWebp('VP8L', [9, 0, 0, 0, 0x2f, 0x3f, 0xc1, 0x31, 0, 0, 0, 0, 0, 0]),
  extended: skeletonWebp('VP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x3f, 1, 0, 199, 0, 0]),
};
