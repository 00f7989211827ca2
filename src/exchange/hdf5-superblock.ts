/**
 * @file The first bytes of an HDF5 file: whether it is one, and whether it is complete.
 *
 * The HDF5 library refuses both faults with the same bare error code, so the superblock is read here first. HDF5 File Format
 * Specification 3.0, section II.A: the signature stands at byte 0, 512, 1024, 2048 and so on.
 */

import { StudioError } from '../domain/failure';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const SUPERBLOCK_BYTES = 64;

/**
 * Passes when `file` begins like an HDF5 file and is as long as it says.
 * @throws {StudioError} `bad-weights` with a sentence naming the file.
 */
export async function checkSuperblock(file: File): Promise<void> {
  if (file.size === 0) throw new StudioError('bad-weights', `${file.name} is empty.`);
  for (let at = 0; at < file.size; at = at === 0 ? 512 : at * 2) {
    const bytes = await readStart(file, at);
    if (!SIGNATURE.every((byte, i) => bytes[i] === byte)) continue;
    const lengthBytes = readLength(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (lengthBytes !== null && file.size < lengthBytes) {
      const sizes = `${file.size.toLocaleString('en')} of ${lengthBytes.toLocaleString('en')} bytes are there`;
      throw new StudioError('bad-weights', `${file.name} is cut short: ${sizes}. Download it again.`);
    }
    return;
  }
  throw new StudioError('bad-weights', `${file.name} is not an HDF5 file. A Keras weights file (.h5) is needed.`);
}

async function readStart(file: File, at: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(at, at + SUPERBLOCK_BYTES).arrayBuffer());
  } catch (cause) {
    throw new StudioError('bad-weights', `${file.name} could not be read. Drop it again.`, { cause });
  }
}

/** The end-of-file address; null in a superblock of another kind, which is left to the library. */
function readLength(superblock: DataView): number | null {
  if (superblock.byteLength < SUPERBLOCK_BYTES) return null;
  const version = superblock.getUint8(8);
  // Versions 0 and 1 hold four addresses after 24 or 28 bytes, versions 2 and 3 after 12; the end of file is the third.
  const addressesAt = [24, 28, 12, 12].at(version);
  const offsetBytes = superblock.getUint8(version < 2 ? 13 : 9);
  if (version > 3 || addressesAt === undefined || offsetBytes !== 8) return null;
  return Number(superblock.getBigUint64(addressesAt + 2 * offsetBytes, true));
}
