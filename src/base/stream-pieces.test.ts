import { expect, it } from 'vitest';
import { piecesOf, piecesToEnd } from './stream-pieces';

async function all<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const piece of pieces) gathered.push(piece);
  return gathered;
}

/** A stream of numbers from 1 on that keeps what it was cancelled with. */
function counting(last: number, failure: unknown = null) {
  const seen = { cancelled: false };
  let next = 0;
  const stream = new ReadableStream<number>(
    {
      pull(controller) {
        next += 1;
        if (next <= last) controller.enqueue(next);
        else if (failure === null) controller.close();
        else controller.error(failure);
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

it('gives every piece and then ends', async () => {
  expect(await all(piecesOf(counting(3).stream))).toEqual([1, 2, 3]);
});

it('cancels a stream that is read no further', async () => {
  const { stream, seen } = counting(9);
  for await (const piece of piecesOf(stream)) if (piece === 2) break;
  expect(seen.cancelled).toBe(true);
});

it('passes on what the stream fails with', async () => {
  const failure = new Error('gone');
  await expect(all(piecesOf(counting(1, failure).stream))).rejects.toBe(failure);
});

/** A file that states this size and then gives these bytes, or fails. */
function changedFile(sizeBytes: number, given: Uint8Array<ArrayBuffer>, failure: unknown = null): Blob {
  const stream = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        controller.enqueue(given);
        if (failure === null) controller.close();
        else controller.error(failure);
      },
    });
  return Object.defineProperties(new Blob(), { size: { value: sizeBytes }, stream: { value: stream } });
}

it('reads a file to its end, and fails by the caller’s error for one that changed meanwhile', async () => {
  const changed = (cause: unknown) => new Error('changed', { cause });
  const bytes = Uint8Array.of(1, 2, 3);
  expect(await all(piecesToEnd(new Blob([bytes]), changed))).toEqual([bytes]);
  await expect(all(piecesToEnd(changedFile(4, bytes), changed))).rejects.toThrow('changed');
  const failure = new Error('NotReadableError');
  const failed = all(piecesToEnd(changedFile(3, bytes, failure), changed));
  await expect(failed).rejects.toMatchObject({ message: 'changed', cause: failure });
});
