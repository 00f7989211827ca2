import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { inspectImage } from './formats';
import { blackBmp, bytesOf, skeletonJpeg, skeletonWebp, WEBP_KINDS } from './formats/formats-test-kit';

const text = (content: string) => bytesOf(content);

function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode({ width, height, data: new Uint8Array(width * height), depth: 8, channels: 1 }));
}

/** Only the header of a PNG is honest here. */
function pngClaiming(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = png(4, 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

describe('inspectImage reads dimensions from the header', () => {
  it.each([
    ['JPEG', skeletonJpeg(320, 200), 'JPEG'],
    ['PNG', png(320, 200), 'PNG'],
    ['BMP', blackBmp(320, 200), 'BMP'],
    ['lossy WebP', WEBP_KINDS.lossy, 'WebP'],
    ['lossless WebP', WEBP_KINDS.lossless, 'WebP'],
    ['extended WebP', WEBP_KINDS.extended, 'WebP'],
  ])('of a %s', (_, bytes, format) => {
    expect(inspectImage(bytes)).toMatchObject({ format: { name: format }, width: 320, height: 200 });
  });
});

describe('inspectImage reads depth, colour and the memory that decoding needs', () => {
  it.each([
    [{ channels: 1 }, 8, 'grey'],
    [{ channels: 2 }, 8, 'grey with alpha'],
    [{ channels: 3 }, 8, 'RGB'],
    [{ channels: 4 }, 8, 'RGB with alpha'],
    [{ channels: 1, depth: 16 }, 16, 'grey'],
    [{ channels: 4, depth: 16 }, 16, 'RGB with alpha'],
  ] as const)('of a PNG with %o', (kind, bitDepth, colour) => {
    const length = 16 * 8 * kind.channels;
    const data = bitDepth === 16 ? new Uint16Array(length) : new Uint8Array(length);
    const bytes = new Uint8Array(encode({ width: 16, height: 8, data, ...kind }));
    // The raster, and the unpacked lines with a filter byte each.
    const decodeBytes = 16 * 8 * 3 + 8 * (1 + (16 * kind.channels * bitDepth) / 8);
    expect(inspectImage(bytes)).toMatchObject({ bitDepth, colour, decodeBytes });
  });

  it('of a JPEG, for which the browser needs 8 bytes per pixel', () => {
    expect(inspectImage(skeletonJpeg(320, 200))).toMatchObject({
      bitDepth: 8,
      colour: 'grey',
      decodeBytes: 320 * 200 * 8,
    });
  });
});

describe('inspectImage refuses', () => {
  it('a JPEG cut short anywhere', () => {
    const whole = skeletonJpeg(320, 200);
    for (let length = 4; length < whole.length; length += 1) {
      expect(() => inspectImage(whole.subarray(0, length)), `${length} bytes`).toThrow(/cut short/);
    }
  });

  it('a PNG cut short anywhere', () => {
    const whole = png(20, 20);
    for (let length = 9; length < whole.length; length += 1) {
      expect(() => inspectImage(whole.subarray(0, length)), `${length} bytes`).toThrow(/cut short/);
    }
  });

  it('a BMP and a WebP cut short', () => {
    expect(() => inspectImage(blackBmp(320, 200).subarray(0, 1000))).toThrow(/cut short/);
    const whole = skeletonWebp('VP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x3f, 1, 0, 199, 0, 0], [1, 2, 3, 4]);
    expect(() => inspectImage(whole.subarray(0, whole.length - 2))).toThrow(/cut short/);
  });

  it.each([
    [pngClaiming(12_000, 9_000), /12,000 × 9,000 pixels, more than the 100 megapixels/],
    [skeletonJpeg(12_000, 9_000), /12,000 × 9,000 pixels/],
    [png(1, 1), /only 1 × 1 pixels; at least 4 × 4/],
    [png(300, 3), /only 300 × 3 pixels/],
    [new Uint8Array(0), /is empty \(0 bytes\)/],
    [text('no image at all\n'), /is a text file/],
    [skeletonJpeg(320, 200, 0xc3), /is a lossless JPEG, which is not supported; convert it to PNG\./],
    [skeletonJpeg(320, 200, 0xc9), /is an arithmetic-coded JPEG, which is not supported/],
    [skeletonJpeg(320, 200, 0xf7), /is a JPEG-LS, which is not supported/],
    [skeletonJpeg(320, 200, 0xc2, 8, 101), /is a damaged JPEG: it has more than 100 scans/],
    [skeletonJpeg(320, 200, 0xc1, 12), /is a JPEG of 12 bits a sample, which is not supported/],
    [blackBmp(8, 8).with(28, 0), /is a damaged BMP: its header is of no kind that there is/],
    [bytesOf('GIF89a', [0, 1]), /is a GIF/],
    [bytesOf([0xff, 0x4f, 0xff, 0x51, 0]), /is a JPEG 2000, which is not supported/],
    [bytesOf([8, 0, 5, 0], 'CS', [10, 0]), /is a DICOM file/],
    [text('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), /is a Git LFS pointer/],
    [bytesOf([0x49, 0x49, 0x2a, 0, 8]), /is a TIFF/],
    [bytesOf([0, 0, 0, 24], 'ftypheic'), /is a HEIC image/],
    [bytesOf([0, 0, 0, 24], 'ftypavif'), /is an AVIF/],
    [bytesOf(new Array(128).fill(0), 'DICM'), /is a DICOM file, which this version does not read yet/],
    [bytesOf('%PDF-1.4', [0]), /is a PDF/],
    [bytesOf([1, 2, 3, 4]), /is not an image in a known format/],
  ])('case %#', (bytes, sentence) => {
    expect(() => inspectImage(bytes)).toThrow(sentence);
  });
});

it('sends no browser an image of a side that it may leave empty', async () => {
  const { decode } = inspectImage(blackBmp(16_385, 4));
  await expect(decode()).rejects.toThrow(/is 16,385 × 4 pixels, more than the 16,384 pixels a side that browsers draw/);
});
