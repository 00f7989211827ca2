/**
 * @file The few things Thorax asks of an HDF5 file, each one checked; over h5wasm (the HDF5 C library in WebAssembly).
 *
 * The file is mounted, not loaded: the library reads the ranges it needs through `FileReaderSync`. So this works in workers
 * only, and memory holds one piece of a tensor at a time. h5wasm's own `Dataset.value` and `Attribute.value` are not used:
 * they ignore the library's error code, return whatever was in memory before, and know no float16.
 * The WebAssembly is part of h5wasm's JavaScript: no request after load, and `'wasm-unsafe-eval'` is all it asks of a
 * content security policy.
 */

import { ready } from 'h5wasm';
import { StudioError } from '../domain/failure';
import { decodeFloats, type FloatBytes, isFloatBytes } from './float-bytes';
import { checkSuperblock } from './hdf5-superblock';

type HdfLibrary = Awaited<typeof ready>;

/** Far above what Keras writes (names are cut into lists of 64 KiB); a file that claims more is not opened further. */
const MAX_ATTRIBUTE_BYTES = 16 * 2 ** 20;

const PIECE_NUMBERS = 8 * 2 ** 20;

/** No bound on the file format's version. Left out, it reaches the library as 0, which logs an error on the console. */
const ANY_VERSION = -1;

let mountCount = 0;

/** One open HDF5 file; what is damaged is refused with `bad-weights` where it is read. */
export class Hdf5Reader {
  private constructor(
    readonly fileName: string,
    private readonly library: HdfLibrary,
    private readonly fileId: bigint,
    private readonly mountPoint: string,
  ) {}

  /** @throws {StudioError} `bad-weights` when it is not an HDF5 file, cut short, or refused by the library. */
  static async open(file: File): Promise<Hdf5Reader> {
    await checkSuperblock(file);
    const library = await ready;
    const { FS } = library;
    mountCount += 1;
    const mountPoint = `/weights-${mountCount}`;
    FS.mkdir(mountPoint);
    FS.mount(FS.filesystems.WORKERFS, { blobs: [{ name: 'file.h5', data: file }] }, mountPoint);
    const fileId = library.open(`${mountPoint}/file.h5`, library.H5F_ACC_RDONLY, false, ANY_VERSION, ANY_VERSION);
    const reader = new Hdf5Reader(file.name, library, fileId, mountPoint);
    if (fileId < 0n) {
      reader.unmount();
      throw reader.damaged('the HDF5 library cannot open it');
    }
    return reader;
  }

  /** Names of the groups and datasets directly under a group. */
  childNames(path: string): string[] {
    return this.guard(`the group ${path} cannot be listed`, () => {
      return this.library.get_names(this.fileId, path, false);
    });
  }

  attributeNames(path: string): string[] {
    return this.guard(`${path} is missing or cannot be read`, () => {
      return [...this.library.get_attribute_names(this.fileId, path)];
    });
  }

  /** A list of strings, of fixed or variable length, ASCII or UTF-8. An empty attribute of any type is an empty list. */
  readStrings(path: string, attribute: string): string[] {
    const { library, fileId } = this;
    return this.guard(`the list ${attribute} of ${path} cannot be read`, () => {
      const metadata = library.get_attribute_metadata(fileId, path, attribute);
      const count = metadata.shape ? metadata.total_size : 0;
      if (count === 0) return [];
      const sizeBytes = count * metadata.size;
      if (metadata.type !== library.H5T_class_t.H5T_STRING.value) throw new Error('not strings');
      if (sizeBytes > MAX_ATTRIBUTE_BYTES) throw new Error(`${sizeBytes} bytes`);
      return this.borrow(sizeBytes, (address) => {
        library.HEAPU8.fill(0, address, address + sizeBytes);
        check(library.get_attribute_data(fileId, path, attribute, BigInt(address)));
        const bytes = library.HEAPU8.slice(address, address + sizeBytes);
        if (!metadata.vlen) return splitStrings(bytes, metadata.size);
        const strings = Array.from(new Uint32Array(bytes.buffer), (at) => (at === 0 ? '' : library.UTF8ToString(at)));
        library.reclaim_vlen_memory(fileId, path, attribute, BigInt(address));
        return strings;
      });
    });
  }

  /** @returns the shape of a dataset of floating-point numbers */
  readShape(path: string): number[] {
    return [...this.describe(path).shape];
  }

  /** @returns the shape of a dataset of any type, also of one that {@link readPieces} cannot read */
  readAnyShape(path: string): number[] {
    const { shape } = this.metadataOf(path);
    if (shape === null) throw this.damaged(`${path} is no dataset`);
    return [...shape];
  }

  /**
   * A dataset of float16, float32 or float64 numbers, row-major, as float32: whole rows of the first axis together, at
   * most 32 MiB of them unless one row is longer.
   */
  async *readPieces(path: string): AsyncGenerator<Float32Array<ArrayBuffer>> {
    const { shape, bytesPerNumber } = this.describe(path);
    const [rows = 1, ...rest] = shape;
    const rowSize = rest.reduce((product, side) => product * side, 1);
    const rowsPerPiece = Math.max(1, Math.floor(PIECE_NUMBERS / Math.max(1, rowSize)));
    for (let row = 0; row < rows; row += rowsPerPiece) {
      const count = Math.min(rowsPerPiece, rows - row);
      const range = count < rows ? { start: [row, ...rest.map(() => 0)], shape: [count, ...rest] } : null;
      yield this.readFloats(path, count * rowSize, bytesPerNumber, range);
    }
  }

  close(): void {
    this.library.close_file(this.fileId);
    this.unmount();
  }

  /** The error for a file whose content is damaged. */
  damaged(what: string, cause?: unknown): StudioError {
    return new StudioError('bad-weights', `${this.fileName} is damaged: ${what}. Download it again.`, { cause });
  }

  /** `range` null: the whole dataset. */
  private readFloats(
    path: string,
    size: number,
    bytesPerNumber: FloatBytes,
    range: { start: number[]; shape: number[] } | null,
  ): Float32Array<ArrayBuffer> {
    const sizeBytes = size * bytesPerNumber;
    const [counts, offsets, strides] = range
      ? [range.shape.map(BigInt), range.start.map(BigInt), range.shape.map(() => 1n)]
      : [null, null, null];
    return this.guard(`${path} cannot be read`, () =>
      this.borrow(sizeBytes, (address) => {
        check(this.library.get_dataset_data(this.fileId, path, counts, offsets, strides, BigInt(address)));
        return decodeFloats(this.library.HEAPU8.subarray(address, address + sizeBytes), bytesPerNumber);
      }),
    );
  }

  private describe(path: string) {
    const { type, size, shape } = this.metadataOf(path);
    if (type !== this.library.H5T_class_t.H5T_FLOAT.value || !isFloatBytes(size) || shape === null) {
      const sentence = `${this.fileName} holds ${path} as something else than 16, 32 or 64 bit floating-point numbers.`;
      throw new StudioError('bad-weights', sentence);
    }
    return { shape, bytesPerNumber: size };
  }

  private metadataOf(path: string) {
    return this.guard(`${path} is missing`, () => this.library.get_dataset_metadata(this.fileId, path));
  }

  /** Lends memory of the library's heap. `use` must make its views anew: the heap may have grown. */
  private borrow<T>(sizeBytes: number, use: (address: number) => T): T {
    const address = this.library._malloc(sizeBytes);
    if (address === 0) throw new Error(`No memory for ${sizeBytes} bytes`);
    try {
      return use(address);
    } finally {
      this.library._free(address);
    }
  }

  private guard<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.damaged(what, cause);
    }
  }

  private unmount(): void {
    this.library.FS.unmount(this.mountPoint);
    this.library.FS.rmdir(this.mountPoint);
  }
}

function check(status: number): void {
  if (status < 0) throw new Error(`HDF5 error ${status}`);
}

/** Fixed-length strings end at their first zero byte, or at their full length. */
function splitStrings(bytes: Uint8Array, length: number): string[] {
  const decoder = new TextDecoder();
  const strings: string[] = [];
  for (let at = 0; at < bytes.length; at += length) {
    const string = bytes.subarray(at, at + length);
    const end = string.indexOf(0);
    strings.push(decoder.decode(end < 0 ? string : string.subarray(0, end)));
  }
  return strings;
}
