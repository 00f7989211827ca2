/**
 * @file The entries of a zip file, and one of them as a Blob: all that reading `.keras` needs.
 *
 * An entry that is stored, as Keras stores them, is a slice of the file on disk and takes no memory. A deflated one is
 * inflated by the browser in pieces that it may page to disk. Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.
 */

import { Crc32 } from '../base/checksum';
import { piecesOf } from '../base/stream-pieces';
import { StudioError } from '../domain/failure';

export interface ZipEntry {
  name: string;
  method: 'stored' | 'deflated';
  compressedBytes: number;
  sizeBytes: number;
  crc32: number;
  /** Where its local header is. */
  headerAt: number;
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END_OF_DIRECTORY = 0x06064b50;

const END_BYTES = 22;
const ZIP64_LOCATOR_BYTES = 20;
const MAX_COMMENT_BYTES = 0xffff;
const MAX_DIRECTORY_BYTES = 2 ** 20;

/** Weights hardly compress: an entry over the first limit that shrank by more than the second was made to fill memory. */
const BOMB_FLOOR_BYTES = 256 * 2 ** 20;
const MAX_EXPANSION = 100;

/** Pieces that are handed to the browser's blob store while inflating. */
const PIECE_BYTES = 8 * 2 ** 20;

/** True when the file begins as a zip file does. */
export async function isZip(file: Blob): Promise<boolean> {
  if (file.size < END_BYTES) return false;
  return (await viewOf(file, 0, 4)).getUint32(0, true) === LOCAL_HEADER;
}

/**
 * Lists the entries of a zip file.
 * @param maxDirectoryBytes a longer list is taken for damage
 * @throws {StudioError} `bad-weights` when the directory is missing, cut short or contradicts itself.
 */
export async function readZipDirectory(file: File, maxDirectoryBytes = MAX_DIRECTORY_BYTES): Promise<ZipEntry[]> {
  const { at, lengthBytes, count } = await findDirectory(file);
  if (lengthBytes > maxDirectoryBytes || at + lengthBytes > file.size) throw damaged(file);
  const view = await viewOf(file, at, at + lengthBytes);
  const entries: ZipEntry[] = [];
  try {
    for (let cursor = 0; entries.length < count; ) {
      const { entry, end } = readEntry(view, cursor, file);
      entries.push(entry);
      cursor = end;
    }
  } catch (cause) {
    throw cause instanceof StudioError ? cause : damaged(file, cause);
  }
  return entries;
}

/**
 * The bytes of one entry, its checksum checked.
 * @throws {StudioError} `bad-weights` when it is damaged, cut short or a decompression bomb.
 */
export async function openZipEntry(file: File, entry: ZipEntry): Promise<Blob> {
  const { sizeBytes, compressedBytes, method, crc32 } = entry;
  if (sizeBytes > BOMB_FLOOR_BYTES && sizeBytes > MAX_EXPANSION * compressedBytes) {
    const sentence = `${file.name} cannot be used: its ${entry.name} claims ${sizeBytes.toLocaleString('en')} bytes packed into ${compressedBytes.toLocaleString('en')}.`;
    throw new StudioError('bad-weights', sentence);
  }
  const packed = await sliceZipEntry(file, entry);
  const found = method === 'stored' ? await checksumOf(packed) : await inflate(packed, sizeBytes, file);
  if (found.crc32 !== crc32 || found.bytes.size !== sizeBytes) throw damaged(file);
  return found.bytes;
}

/**
 * The bytes of one entry as they are packed, a slice of the file; nothing of them is checked.
 * @throws {StudioError} `bad-weights` when it is damaged or cut short.
 */
export async function sliceZipEntry(file: File, { headerAt, compressedBytes }: ZipEntry): Promise<Blob> {
  const header = await viewOf(file, headerAt, headerAt + 30);
  if (header.byteLength < 30 || header.getUint32(0, true) !== LOCAL_HEADER) throw damaged(file);
  const start = headerAt + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = file.slice(start, start + compressedBytes);
  if (packed.size !== compressedBytes) throw damaged(file);
  return packed;
}

async function findDirectory(file: File) {
  const tailAt = Math.max(0, file.size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await viewOf(file, tailAt, file.size);
  for (let at = tail.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END_OF_DIRECTORY) continue;
    const found = {
      count: tail.getUint16(at + 10, true),
      lengthBytes: tail.getUint32(at + 12, true),
      at: tail.getUint32(at + 16, true),
    };
    const isZip64 = found.count === 0xffff || found.lengthBytes === 0xffffffff || found.at === 0xffffffff;
    return isZip64 ? findZip64Directory(file, tailAt + at) : found;
  }
  throw damaged(file);
}

async function findZip64Directory(file: File, endAt: number) {
  const locator = await viewOf(file, Math.max(0, endAt - ZIP64_LOCATOR_BYTES), endAt);
  if (locator.byteLength < ZIP64_LOCATOR_BYTES || locator.getUint32(0, true) !== ZIP64_LOCATOR) throw damaged(file);
  const recordAt = Number(locator.getBigUint64(8, true));
  const record = await viewOf(file, recordAt, recordAt + 56);
  if (record.byteLength < 56 || record.getUint32(0, true) !== ZIP64_END_OF_DIRECTORY) throw damaged(file);
  return {
    count: Number(record.getBigUint64(32, true)),
    lengthBytes: Number(record.getBigUint64(40, true)),
    at: Number(record.getBigUint64(48, true)),
  };
}

function readEntry(view: DataView, at: number, file: File): { entry: ZipEntry; end: number } {
  if (view.getUint32(at, true) !== DIRECTORY_ENTRY) throw damaged(file);
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const commentBytes = view.getUint16(at + 32, true);
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes));
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if (flags & 1 || (method !== 0 && method !== 8)) {
    const how = flags & 1 ? 'encrypted' : 'packed in a way no browser unpacks';
    throw new StudioError(
      'bad-weights',
      `${file.name} cannot be used: its ${name} is ${how}. Save it again with Keras.`,
    );
  }
  const wide = new Zip64Numbers(view, at + 46 + nameBytes, extraBytes);
  const sizeBytes = wide.orNext(view.getUint32(at + 24, true));
  const compressedBytes = wide.orNext(view.getUint32(at + 20, true));
  const headerAt = wide.orNext(view.getUint32(at + 42, true));
  const crc32 = view.getUint32(at + 16, true);
  const entry: ZipEntry = {
    name,
    method: method === 0 ? 'stored' : 'deflated',
    compressedBytes,
    sizeBytes,
    crc32,
    headerAt,
  };
  return { entry, end: at + 46 + nameBytes + extraBytes + commentBytes };
}

/** The 64-bit numbers of extra field 1: one for each 32-bit field that is all ones, in their order. */
class Zip64Numbers {
  private cursor: number | null = null;

  constructor(
    private readonly view: DataView,
    extraAt: number,
    extraBytes: number,
  ) {
    for (let at = extraAt; at + 4 <= extraAt + extraBytes; at += 4 + view.getUint16(at + 2, true)) {
      if (view.getUint16(at, true) === 1) this.cursor = at + 4;
    }
  }

  orNext(value: number): number {
    if (value !== 0xffffffff || this.cursor === null) return value;
    this.cursor += 8;
    return Number(this.view.getBigUint64(this.cursor - 8, true));
  }
}

async function checksumOf(bytes: Blob): Promise<{ bytes: Blob; crc32: number }> {
  const crc = new Crc32();
  for await (const piece of piecesOf(bytes.stream())) crc.update(piece);
  return { bytes, crc32: crc.value };
}

/** Never unpacks more than the entry claims, which has been found plausible. */
async function inflate(packed: Blob, sizeBytes: number, file: File): Promise<{ bytes: Blob; crc32: number }> {
  const crc = new Crc32();
  const parts: Blob[] = [];
  let pending: Uint8Array<ArrayBuffer>[] = [];
  let pendingBytes = 0;
  let totalBytes = 0;
  try {
    for await (const piece of piecesOf(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')))) {
      totalBytes += piece.byteLength;
      if (totalBytes > sizeBytes) throw damaged(file);
      crc.update(piece);
      pending.push(piece);
      pendingBytes += piece.byteLength;
      if (pendingBytes < PIECE_BYTES) continue;
      parts.push(new Blob(pending));
      pending = [];
      pendingBytes = 0;
    }
  } catch (cause) {
    throw cause instanceof StudioError ? cause : damaged(file, cause);
  }
  return { bytes: new Blob([...parts, ...pending]), crc32: crc.value };
}

async function viewOf(file: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await file.slice(from, to).arrayBuffer());
}

function damaged(file: File, cause?: unknown): StudioError {
  const sentence = `${file.name} is cut short or damaged: it does not unpack. Copy or save it again.`;
  return new StudioError('bad-weights', sentence, { cause });
}
