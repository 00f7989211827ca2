import { describe, expect, it } from 'vitest';
import { gatherPieces } from './gather-pieces';

async function gather(lengths: number[], leastBytes: number) {
  let next = 0;
  async function* pieces() {
    for (const length of lengths) yield Uint8Array.from({ length }, () => next++);
  }
  const gathered: number[][] = [];
  for await (const piece of gatherPieces(pieces(), leastBytes)) gathered.push([...piece]);
  return gathered;
}

describe('gatherPieces', () => {
  it('joins small pieces and passes large ones on', async () => {
    expect(await gather([1, 1, 0, 1, 5], 4)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(await gather([5, 1, 6], 4)).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11],
    ]);
  });

  it('yields nothing for nothing', async () => {
    expect(await gather([], 4)).toEqual([]);
    expect(await gather([0], 4)).toEqual([]);
  });
});
