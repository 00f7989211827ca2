/** @file The tile store in the origin-private file system, in a worker, for the test beside it. */

import * as Comlink from 'comlink';
import { writeWholeFile } from './opfs-file';
import { openTileStore } from './tile-store';

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

const api = {
  async putAndGet() {
    const parent = await navigator.storage.getDirectory();
    await parent.removeEntry('test-tiles', { recursive: true }).catch(() => undefined);
    const root = await parent.getDirectoryHandle('test-tiles', { create: true });
    const store = openTileStore(root);
    const before = await store.get('one', 'a b');
    await store.put('one', 'a b', { index: 1, gflops: 5 });
    await store.put('two', 'a b', { index: 0, gflops: 7 });
    const kept = [await store.get('one', 'a b'), await store.get('two', 'a b')];
    const outdated = await store.get('one', 'a b c');
    await writeWholeFile(root, 'kernel-tiles.json', once('{"one":'), 'A damaged file');
    const damaged = await store.get('one', 'a b');
    await store.put('one', 'a b', { index: 2, gflops: 9 });
    return { before, kept, outdated, damaged, mended: await store.get('one', 'a b') };
  },
};

export type TileStoreTestApi = typeof api;

Comlink.expose(api);
