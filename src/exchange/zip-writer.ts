/**
 * @file A zip file of stored entries, made as a stream: entry after entry, then the directory.
 *
 * Sizes and checksums stand before the data, so that every program can unpack it. So an entry is held while it is written.
 * Files over 4 GiB would need zip64 and are refused. Source: PKWARE's APPNOTE.TXT 6.3.10, section 4.3.
 */

import { Crc32 } from '../base/checksum';
import { ByteBlock } from './byte-block';

export interface ZipMember {
  name: string;
  sizeBytes: number;
  /** Exactly `sizeBytes` bytes. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

const MAX_BYTES = 0xffff_fffe;
const VERSION = 20;
/** 1 January 1980: the same model makes the same file. */
const DATE = 0x21;
/** Names are UTF-8. */
const FLAGS = 0x800;

/** Length of the file that {@link zipMembers} makes. */
export function zipSize(members: readonly Pick<ZipMember, 'name' | 'sizeBytes'>[]): number {
  return members.reduce((sum, { name, sizeBytes }) => sum + sizeBytes + 76 + 2 * encode(name).length, 22);
}

/**
 * A zip file of these members, piece by piece.
 * @throws {Error} when the file would be over 4 GiB.
 */
export async function* zipMembers(members: readonly ZipMember[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (zipSize(members) > MAX_BYTES) throw new Error('A zip file of this size needs zip64');
  const directory = new ByteBlock();
  let at = 0;
  for (const { name, sizeBytes, read } of members) {
    const data = await read();
    if (data.byteLength !== sizeBytes) throw new Error(`${name} has ${data.byteLength} bytes, not ${sizeBytes}`);
    const common = describeEntry(name, data);
    const header = new ByteBlock().u32(0x04034b50).raw(common).u16(0).text(name);
    directory.u32(0x02014b50).u16(VERSION).raw(common).u16(0).u16(0).u16(0).u16(0).u32(0).u32(at).text(name);
    yield header.bytes();
    yield data;
    at += header.length + sizeBytes;
  }
  const end = new ByteBlock().u32(0x06054b50).u32(0).u16(members.length).u16(members.length);
  yield directory.bytes();
  yield end.u32(directory.length).u32(at).u16(0).bytes();
}

/** What local header and directory entry both say: from the version on to the length of the name. */
function describeEntry(name: string, data: Uint8Array): Uint8Array {
  const crc32 = new Crc32().update(data).value;
  const length = encode(name).length;
  const block = new ByteBlock().u16(VERSION).u16(FLAGS).u16(0).u16(0).u16(DATE);
  return block.u32(crc32).u32(data.byteLength).u32(data.byteLength).u16(length).bytes();
}

function encode(name: string): Uint8Array {
  return new TextEncoder().encode(name);
}
