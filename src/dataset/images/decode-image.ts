/**
 * @file Decodes an image file to pixels within a memory limit, in a worker or a page.
 */

import type { ImageFacts } from '../../domain/dataset';
import { inspectImage } from './formats';
import { ImageFault } from './image-fault';
import type { Raster } from './resize';
import { WorkGate } from './work-gate';

const MAX_FILE_BYTES = 512 * 2 ** 20;

/** Limit for all decoding at once: at most four ordinary radiographs, or one of the largest. */
const DECODE_BYTES = 2 ** 30;
const LEAST_SHARE = DECODE_BYTES / 4;

const gate = new WorkGate(DECODE_BYTES);
/** Files are in memory before their size in pixels is known. */
const files = new WorkGate(MAX_FILE_BYTES);

/**
 * Decodes one file and passes the pixels and the file's facts to `use`. The next large file waits until `use` returns,
 * so that results do not pile up.
 * @throws {ImageFault} when the file is no image, damaged, cut short, too small or too large.
 */
export async function decodeImage<T>(file: Blob, use: (raster: Raster, facts: FileFacts) => T): Promise<T> {
  if (file.size > MAX_FILE_BYTES) {
    throw new ImageFault(
      `is ${Math.round(file.size / 2 ** 20).toLocaleString('en')} MiB, more than the 512 MiB an image may have.`,
    );
  }
  return files.run(file.size, async () => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { format, width, height, bitDepth, colour, decodeBytes, decode } = inspectImage(bytes);
    return gate.run(Math.max(LEAST_SHARE, bytes.length + decodeBytes), async () =>
      use(await decode(), { format: format.name, width, height, bitDepth, colour }),
    );
  });
}

/** The facts that stand in the file's bytes. */
export type FileFacts = Omit<ImageFacts, 'sizeBytes' | 'lastModified'>;
