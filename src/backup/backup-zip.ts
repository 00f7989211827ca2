/**
 * @file A backup as one zip file, made as a stream: client-zip stores the entries as they are and writes zip64 where sizes
 * need it. Nothing is compressed: weights hardly shrink, and stored entries can be read back without unpacking.
 */

import { makeZip } from 'client-zip';
import { piecesOf } from '../base/stream-pieces';
import type { BackupEntry } from './backup-entries';

/** The zip file, piece by piece. */
export function zipPieces(entries: AsyncIterable<BackupEntry>, createdAt: number): AsyncGenerator<Uint8Array> {
  return piecesOf(makeZip(membersOf(entries, new Date(createdAt))));
}

async function* membersOf(entries: AsyncIterable<BackupEntry>, lastModified: Date) {
  for await (const { path, sizeBytes, pieces } of entries) {
    yield { name: path, size: sizeBytes, lastModified, input: pieces() };
  }
}
