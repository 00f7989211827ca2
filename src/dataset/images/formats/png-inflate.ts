/** @file The image data of a PNG, unpacked piece by piece, so that whoever reads decides how much there may be. */

import { piecesOf } from '../../../base/stream-pieces';
import type { PngHeader } from './png-structure';

/** Deflate packs at most so many bytes into one. */
export const MOST_EXPANSION = 1032;

/** Packed bytes per piece, which bounds what a piece can unpack to. */
const FED_BYTES = 16 * 2 ** 10;
export const MAX_QUEUED_BYTES = FED_BYTES * MOST_EXPANSION;

/** Bytes around a chunk's own: length and name before, checksum behind. */
const BEFORE = 8;
const BEHIND = 4;

/**
 * Pieces of the unpacked data. Nothing is unpacked far ahead; ending the iteration ends the unpacking.
 * @throws {TypeError} when the packed data is damaged or ends early.
 */
export async function* inflateImageData(
  bytes: Uint8Array<ArrayBuffer>,
  { critical }: PngHeader,
): AsyncGenerator<Uint8Array> {
  const packed = packedPieces(bytes, critical);
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const next = packed.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
  yield* piecesOf(source.pipeThrough(new DecompressionStream('deflate')));
}

function* packedPieces(
  bytes: Uint8Array<ArrayBuffer>,
  critical: PngHeader['critical'],
): Generator<Uint8Array<ArrayBuffer>> {
  for (const { kind, start, end } of critical) {
    if (kind !== 'IDAT') continue;
    for (let at = start + BEFORE; at < end - BEHIND; at += FED_BYTES) {
      yield bytes.subarray(at, Math.min(at + FED_BYTES, end - BEHIND));
    }
  }
}
