import * as Comlink from 'comlink';
import { expect, it } from 'vitest';
import type { TileStoreTestApi } from './tile-store.test-worker';

it('keeps a choice for each GPU and set of candidates, and starts anew where the file is damaged', async () => {
  const worker = new Worker(new URL('./tile-store.test-worker.ts', import.meta.url), { type: 'module' });
  const kept = await Comlink.wrap<TileStoreTestApi>(worker).putAndGet();
  expect(kept).toEqual({
    before: null,
    kept: [
      { index: 1, gflops: 5 },
      { index: 0, gflops: 7 },
    ],
    outdated: null,
    damaged: null,
    mended: { index: 2, gflops: 9 },
  });
  worker.terminate();
});
