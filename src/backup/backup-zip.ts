/**
 * @file A backup as one zip file, made as a stream: client-zip stores the entries as they are and writes zip64 where sizes
 * need it. Nothing is compressed: weights hardly shrink, and stored entries can be read back without unpacking.
 */

import { makeZip } from 'client-zip';
import type { BackupEntry } from './backup-entries';

/** The zip file, piece by piece. */
export async function* zipPieces(entries: AsyncIterable<BackupEntry>, createdAt: number): AsyncGenerator<Uint8Array> {
  const reader = makeZip(membersOf(entries, new Date(createdAt))).getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function* membersOf(entries: AsyncIterable<BackupEntry>, lastModified: Date) {
  for await (const { path, sizeBytes, pieces } of entries) {
    yield { name: path, size: sizeBytes, lastModified, input: pieces() };
  }
}
