/** @file Reads an entry of a backup piece by piece, and refuses it at its end when its length or checksum is another. */

import { Crc32 } from '../base/checksum';
import { piecesOf } from '../base/stream-pieces';
import { type ManifestEntry, refused } from './backup-manifest';

/**
 * The bytes of an entry. The last piece has been passed on when a wrong checksum is found, so whoever stores them must do
 * so only at the end.
 * @param name of the backup, for sentences
 * @throws {StudioError} `bad-input`, naming the entry
 */
export async function* checkedPieces(name: string, entry: ManifestEntry, file: Blob): AsyncGenerator<Uint8Array> {
  const crc = new Crc32();
  let readBytes = 0;
  try {
    for await (const piece of piecesOf(file.stream())) {
      crc.update(piece);
      readBytes += piece.byteLength;
      if (readBytes > entry.sizeBytes) break;
      yield piece;
    }
  } catch (cause) {
    throw refused(`${name}: its ${entry.path} could not be read; the file was changed or removed meanwhile.`, cause);
  }
  if (readBytes !== entry.sizeBytes || crc.value !== entry.crc32) {
    throw refused(`${name}: its ${entry.path} is damaged, it does not match its length or checksum.`);
  }
}

/**
 * A short entry as text.
 * @throws {StudioError} `bad-input` when it is damaged, longer than `maxBytes` or no UTF-8
 */
export async function readCheckedText(
  name: string,
  entry: ManifestEntry,
  file: Blob,
  maxBytes: number,
): Promise<string> {
  if (entry.sizeBytes > maxBytes) throw refused(`${name} cannot be restored: its ${entry.path} is too long.`);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  try {
    for await (const piece of checkedPieces(name, entry, file)) text += decoder.decode(piece, { stream: true });
    return text + decoder.decode();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw refused(`${name}: its ${entry.path} is damaged: it is no text.`, cause);
  }
}
