/**
 * @file A file of float32 tensors one after another, little endian: written piece by piece, read by tensor and range.
 *
 * A tensor may be 1 GiB, so neither side ever holds more than the piece at hand.
 */

import { Crc32 } from '../base/checksum';
import { sizeOf } from '../domain/architecture';
import { StudioError } from '../domain/failure';
import type { TensorEntry, TensorFileEntry } from './checkpoint-manifest';
import { openFile, writeWholeFile } from './opfs-file';

const FLOAT_BYTES = 4;
const CHECKED_PIECE_BYTES = 8 * 2 ** 20;

/** One float32 tensor, little endian. */
export interface StoredTensor {
  name: string;
  shape: number[];
}

export interface TensorStream {
  tensors: StoredTensor[];
  /** The bytes of all tensors, concatenated in the order of `tensors`; cut anywhere. */
  pieces(): AsyncIterable<Uint8Array>;
}

export interface OpenTensors {
  tensors: (StoredTensor & { offsetBytes: number; lengthBytes: number })[];
  /**
   * Bytes of one tensor, the whole of it by default. A tensor read whole, in one go or range after range from its start,
   * is checked against its checksum when its last byte is read.
   * @throws {StudioError} `storage` when the file is damaged, has gone or cannot be read; `not-found` for an unknown name.
   */
  read(name: string, startBytes?: number, lengthBytes?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Writes a stream under `fileName`, whole or not at all.
 * @throws {StudioError} `storage` when the disk is full; `unexpected` when the pieces do not add up to the tensors.
 */
export async function writeTensorFile(
  directory: FileSystemDirectoryHandle,
  fileName: string,
  stream: TensorStream,
  subject: string,
): Promise<TensorFileEntry> {
  const tensors: TensorEntry[] = [];
  const lengthBytes = await writeWholeFile(directory, fileName, checksummed(stream, tensors), subject);
  return { fileName, lengthBytes, tensors };
}

/** Passes the pieces on and fills `entries` with the tensors' checksums. */
async function* checksummed(stream: TensorStream, entries: TensorEntry[]): AsyncGenerator<Uint8Array> {
  const tensors = stream.tensors.values();
  let tensor = tensors.next();
  let crc = new Crc32();
  let missingBytes = tensor.done ? 0 : byteLength(tensor.value);

  const finishTensors = () => {
    while (!tensor.done && missingBytes === 0) {
      entries.push({ name: tensor.value.name, shape: [...tensor.value.shape], crc32: crc.value });
      tensor = tensors.next();
      crc = new Crc32();
      missingBytes = tensor.done ? 0 : byteLength(tensor.value);
    }
  };

  finishTensors();
  for await (const piece of stream.pieces()) {
    for (let at = 0; at < piece.byteLength; ) {
      if (tensor.done) throw new StudioError('unexpected', 'A checkpoint has more bytes than its tensors.');
      const part = piece.subarray(at, at + missingBytes);
      crc.update(part);
      at += part.byteLength;
      missingBytes -= part.byteLength;
      finishTensors();
    }
    yield piece;
  }
  if (!tensor.done) throw new StudioError('unexpected', `A checkpoint ends inside the tensor ${tensor.value.name}.`);
}

/**
 * Opens a tensor file for reading, its length checked.
 * @param subject what the file is, for sentences: "The best weights of run 7"
 * @throws {StudioError} `storage` when the file is missing or has another length than the manifest says.
 */
export async function openTensorFile(
  directory: FileSystemDirectoryHandle,
  entry: TensorFileEntry,
  subject: string,
): Promise<OpenTensors> {
  const file = await openFile(directory, entry.fileName);
  if (file === null) throw damaged(subject, 'their file is missing');
  const tensors: OpenTensors['tensors'] = [];
  const readers = new Map<string, TensorReader>();
  let offsetBytes = 0;
  for (const { name, shape, crc32 } of entry.tensors) {
    const lengthBytes = byteLength({ shape });
    tensors.push({ name, shape, offsetBytes, lengthBytes });
    readers.set(name, new TensorReader(file.slice(offsetBytes, offsetBytes + lengthBytes), name, crc32, subject));
    offsetBytes += lengthBytes;
  }
  if (file.size !== entry.lengthBytes || file.size !== offsetBytes) {
    throw damaged(subject, `their file has ${file.size} bytes where ${entry.lengthBytes} were written`);
  }
  return {
    tensors,
    read: async (name, startBytes, lengthBytes) => {
      const reader = readers.get(name);
      if (!reader) throw new StudioError('not-found', `${subject} hold no tensor named ${name}.`);
      return reader.read(startBytes, lengthBytes);
    },
  };
}

/** A stored file of tensors is missing, has another length or does not match a checksum. */
export class DamagedTensorsError extends StudioError {
  /** @param damage the sentence about the file, without what to do */
  constructor(readonly damage: string) {
    super('storage', `${damage} Train the run again.`);
  }
}

/** Reads all tensors once, piece by piece. @throws {StudioError} `storage` when one does not match its checksum. */
export async function checkTensors({ tensors, read }: OpenTensors): Promise<void> {
  for (const { name, lengthBytes } of tensors) {
    let at = 0;
    do {
      await read(name, at, Math.min(CHECKED_PIECE_BYTES, lengthBytes - at));
      at += CHECKED_PIECE_BYTES;
    } while (at < lengthBytes);
  }
}

/** Reads ranges of one tensor. While the ranges follow each other from the start, the checksum is computed too. */
class TensorReader {
  private running = { atBytes: 0, crc: new Crc32() };

  constructor(
    private readonly bytes: Blob,
    private readonly name: string,
    private readonly expectedCrc32: number,
    private readonly subject: string,
  ) {}

  async read(startBytes = 0, lengthBytes = this.bytes.size - startBytes): Promise<Uint8Array<ArrayBuffer>> {
    const endBytes = startBytes + lengthBytes;
    if (startBytes < 0 || lengthBytes < 0 || endBytes > this.bytes.size) {
      throw new RangeError(`${startBytes}..${endBytes} is outside the ${this.bytes.size} bytes of ${this.name}`);
    }
    const part = new Uint8Array(await this.load(startBytes, endBytes));
    if (startBytes === 0) this.running = { atBytes: 0, crc: new Crc32() };
    const { running } = this;
    if (startBytes === running.atBytes) {
      running.crc.update(part);
      running.atBytes = endBytes;
      if (endBytes === this.bytes.size && running.crc.value !== this.expectedCrc32) {
        throw damaged(this.subject, `${this.name} does not match its checksum`);
      }
    }
    return part;
  }

  private async load(startBytes: number, endBytes: number): Promise<ArrayBuffer> {
    try {
      return await this.bytes.slice(startBytes, endBytes).arrayBuffer();
    } catch (cause) {
      const sentence = `${this.subject} could not be read: the file was replaced or removed meanwhile. Try again.`;
      throw new StudioError('storage', sentence, { cause });
    }
  }
}

function byteLength({ shape }: Pick<StoredTensor, 'shape'>): number {
  return sizeOf(shape) * FLOAT_BYTES;
}

function damaged(subject: string, what: string): StudioError {
  return new DamagedTensorsError(`${subject} are damaged: ${what}.`);
}
