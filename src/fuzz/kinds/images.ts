/**
 * @file Image files. PNG is unpacked, by our own decoder; of the others the structure is checked, which is all that Node can do:
 * `browser-images.ts` sends them through a browser's decoders.
 */

import { encode } from 'fast-png';
import { Crc32 } from '../../base/checksum';
import { decodeImage } from '../../dataset/images/decode-image';
import { inspectImage, MAX_PIXELS } from '../../dataset/images/formats';
import {
  blackBmp,
  bytesOf,
  skeletonJpeg,
  skeletonWebp,
  WEBP_KINDS,
} from '../../dataset/images/formats/formats-test-kit';
import { makePng } from '../../dataset/images/formats/png-test-kit';
import { ImageFault } from '../../dataset/images/image-fault';
import { requireImage } from '../../dataset/require-image';
import { StudioError } from '../../domain/failure';
import { type Field, type HostileFormat, hostileBytes } from '../hostile-bytes';
import { judge } from '../judge';
import type { FuzzKind } from '../kind';

/** Nothing that decodes may need more for each pixel: 16 bits in four channels, and a raster of 4 bytes. */
const MOST_BYTES_PER_PIXEL = 12;
/** What is unpacked ahead of a PNG's lines. */
const AHEAD_BYTES = 2 ** 25;

const NEVER = new AbortController().signal;

export const png = imageKind('png', 'scan.png', async () => ({
  sources: await pngSources(),
  fieldsOf: pngFields,
  mend: mendPng,
}));
export const jpeg = imageKind('jpeg', 'scan.jpg', async () => jpegFormat(jpegSkeletons()));
export const webp = imageKind('webp', 'scan.webp', async () => webpFormat(Object.values(WEBP_KINDS)));
export const bmp = imageKind('bmp', 'scan.bmp', async () => BMP_FORMAT);
export const otherImages = imageKind('other-images', 'scan.dcm', async () => ({
  sources: otherSources(),
  fieldsOf: () => [],
}));

/** @param fileName shown in sentences; the content says what it is. */
export function imageKind(
  name: string,
  fileName: string,
  openFormat: () => Promise<HostileFormat>,
): FuzzKind<Uint8Array<ArrayBuffer>> {
  return {
    name,
    quickCount: 150,
    files: async () => hostileBytes(await openFormat()),
    read: (bytes) => judge(() => readImage(`COVID/${fileName}`, bytes.slice()), [fileName]),
    partsOf: (bytes) => ({ [fileName]: bytes }),
  };
}

/** As a dropped folder's image is looked at, and then as the check decodes it. */
async function readImage(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const readFile = async () => new File([bytes], path, { lastModified: 1 });
  const image = { path, split: 'train' as const, classIndex: 0, sizeBytes: bytes.length };
  await requireImage('xrays', [image], readFile, [], NEVER, () => undefined);
  const { format, width, height, bitDepth, decodeBytes } = inspectImage(bytes);
  const pixels = width * height;
  if (!Number.isInteger(pixels) || pixels < 16 || pixels > MAX_PIXELS) throw new Error(`${width} × ${height} pixels`);
  if (!(bitDepth >= 1 && bitDepth <= 16)) throw new Error(`${bitDepth} bits a sample`);
  if (!(decodeBytes >= pixels && decodeBytes <= MOST_BYTES_PER_PIXEL * pixels + AHEAD_BYTES)) {
    throw new Error(`${decodeBytes} bytes to decode ${pixels} pixels`);
  }
  // Node has no decoders for the others.
  if (format.name !== 'PNG' && typeof createImageBitmap === 'undefined') return;
  const raster = await decodeImage(await readFile(), (pixels) => pixels).catch((error: unknown) => {
    throw error instanceof ImageFault ? new StudioError('bad-input', `${path} ${error.message}`) : error;
  });
  if (raster.width !== width || raster.height !== height) {
    throw new Error(`${raster.width} × ${raster.height} decoded where ${width} × ${height} are stated`);
  }
}

async function pngSources(): Promise<Uint8Array[]> {
  const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7919) >> 3);
  const lines = (height: number, lineBytes: number) =>
    noise(height * (1 + lineBytes)).map((byte, i) => (i % (1 + lineBytes) === 0 ? byte % 5 : byte));
  const made = [
    makePng({ width: 9, height: 7, depth: 8, colour: 0 }, lines(7, 9)),
    makePng({ width: 5, height: 8, depth: 16, colour: 6 }, lines(8, 40), 16),
    makePng({ width: 20, height: 20, depth: 2, colour: 3 }, lines(20, 5)),
    makePng({ width: 16, height: 16, depth: 8, colour: 2 }, lines(16, 48), 100),
    makePng(
      { width: 4, height: 4, depth: 1, colour: 0, interlaced: true },
      Uint8Array.of(0, 0x80, 0, 0, 0, 0x80, 0, 0x80, 0, 0x80, 0, 0xc0, 0, 0xc0),
    ),
  ];
  const encoded = encode({ width: 24, height: 16, data: noise(24 * 16), channels: 1 });
  const palette = encode({
    width: 8,
    height: 8,
    data: noise(64).map((byte) => byte % 4),
    channels: 1,
    palette: [
      [0, 0, 0],
      [80, 80, 80],
      [160, 160, 160],
      [255, 255, 255],
    ],
  });
  return [...(await Promise.all(made)), Uint8Array.from(encoded), Uint8Array.from(palette)];
}

/** Of each chunk its length; of the header width, height and the kind. */
function pngFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [16, 20].map((at) => ({ at, widthBytes: 4, littleEndian: false }));
  for (const at of [24, 25, 26, 27, 28]) fields.push({ at, widthBytes: 1, littleEndian: false });
  for (const { at } of pngChunks(bytes)) fields.push({ at, widthBytes: 4, littleEndian: false });
  return fields;
}

function mendPng(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const { at, end } of pngChunks(bytes))
    view.setUint32(end - 4, new Crc32().update(bytes.subarray(at + 4, end - 4)).value);
  return bytes;
}

function pngChunks(bytes: Uint8Array): { at: number; end: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: { at: number; end: number }[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) break;
    chunks.push({ at, end });
    at = end;
  }
  return chunks;
}

function jpegSkeletons(): Uint8Array[] {
  const frames = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc9, 0xf7];
  return [
    ...frames.map((frame) => skeletonJpeg(320, 200, frame)),
    skeletonJpeg(640, 480, 0xc1, 12),
    skeletonJpeg(5, 4),
  ];
}

/** JPEG files with the lengths of their segments, and the sizes in their frames. */
export function jpegFormat(sources: readonly Uint8Array[]): HostileFormat {
  return {
    sources,
    fieldsOf(bytes) {
      const fields: Field[] = [];
      for (let at = 2; at + 4 <= bytes.length; at += 1) {
        if (bytes[at] !== 0xff || bytes[at + 1] < 0xc0 || bytes[at + 1] === 0xff) continue;
        fields.push(
          { at: at + 2, widthBytes: 2, littleEndian: false },
          { at: at + 1, widthBytes: 1, littleEndian: false },
        );
        if (bytes[at + 1] > 0xcf) continue;
        for (const offset of [5, 7]) fields.push({ at: at + offset, widthBytes: 2, littleEndian: false });
        for (const offset of [4, 9, 10, 11, 12]) fields.push({ at: at + offset, widthBytes: 1, littleEndian: false });
      }
      return fields;
    },
  };
}

/** WebP files with the lengths of their chunks, and sizes. */
export function webpFormat(sources: readonly Uint8Array[]): HostileFormat {
  return {
    sources,
    fieldsOf: () => [
      ...[4, 16, 21, 24, 27].map((at): Field => ({ at, widthBytes: 4, littleEndian: true })),
      ...[24, 27].map((at): Field => ({ at, widthBytes: 3, littleEndian: true })),
      ...[26, 28].map((at): Field => ({ at, widthBytes: 2, littleEndian: true })),
      ...[12, 15, 20].map((at): Field => ({ at, widthBytes: 1, littleEndian: true })),
    ],
  };
}

/** With Windows' header and with OS/2's short one. */
export const BMP_FORMAT: HostileFormat = {
  sources: [blackBmp(12, 9), blackBmp(4, 4), shortBmp()],
  fieldsOf: () => [
    ...[2, 10, 14, 18, 22, 30, 34, 46, 50].map((at): Field => ({ at, widthBytes: 4, littleEndian: true })),
    ...[18, 20, 24, 26, 28].map((at): Field => ({ at, widthBytes: 2, littleEndian: true })),
  ],
};

function shortBmp(): Uint8Array {
  const bytes = new Uint8Array(26 + 4 * 6);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 26, true);
  view.setUint32(14, 12, true);
  for (const [at, value] of [
    [18, 4],
    [20, 6],
    [22, 1],
    [24, 8],
  ])
    view.setUint16(at, value, true);
  return bytes;
}

/** What is recognised and not read, and what is no image. */
function otherSources(): Uint8Array[] {
  const beginnings = [
    'GIF89a',
    'II*\0',
    'MM\0*',
    '\0\0\0\u0018ftypavif',
    '\0\0\0\u0018ftypheic',
    '%PDF-1.7',
    'PK\u0003\u0004',
  ];
  return [
    ...beginnings.map((beginning) => bytesOf(beginning, new Array(600).fill(0x41))),
    bytesOf(new Array(128).fill(0), 'DICM', new Array(600).fill(2)),
    bytesOf([8, 0, 5, 0], 'CS', new Array(40).fill(10)),
    bytesOf([0xff, 0x4f, 0xff, 0x51], new Array(20).fill(0)),
    bytesOf('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
    skeletonWebp('VP9 ', new Array(40).fill(7)),
    bytesOf(new Array(40).fill(1)),
    // And one that is read.
    blackBmp(6, 5),
  ];
}
