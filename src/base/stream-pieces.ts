/** @file Byte streams as async iterables, which not every browser's streams are by themselves. */

/** The pieces of a stream as they come. Whoever reads no further, or fails, cancels it. */
export async function* piecesOf<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, void> {
  const reader = stream.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    // A stream that failed has nothing left to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * The bytes of a file as they come from disk, to their end.
 * @param changed makes the error for a file that was changed or removed while it was read.
 */
export async function* piecesToEnd(
  blob: Blob,
  changed: (cause: unknown) => Error,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let readBytes = 0;
  try {
    for await (const piece of piecesOf(blob.stream())) {
      readBytes += piece.byteLength;
      yield piece;
    }
  } catch (cause) {
    throw changed(cause);
  }
  if (readBytes !== blob.size) throw changed(null);
}
