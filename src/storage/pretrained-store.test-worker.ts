/** @file Downloads into the origin-private file system, in a worker, for the test beside it. */

import * as Comlink from 'comlink';
import { openPretrainedStore } from './pretrained-store';

const NAME = 'weights.h5';

async function* once(text: string, breaks: boolean): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
  if (breaks) throw new Error('The connection broke');
}

const api = {
  /** Writes each text where it says, one call each; answers with what is there after each, and at the end. */
  async download(steps: { at: number; text: string; breaks?: boolean }[]) {
    const root = await navigator.storage.getDirectory();
    const store = openPretrainedStore(await root.getDirectoryHandle('test-downloads', { create: true }));
    await store.dropDownload(NAME);
    const seen: (string | undefined)[] = [];
    for (const { at, text, breaks = false } of steps) {
      await store.continueDownload(NAME, at, once(text, breaks)).catch((error: Error) => seen.push(error.message));
      seen.push(await (await store.openDownload(NAME))?.text());
    }
    await store.keepDownload(NAME);
    const left = await store.openDownload(NAME);
    return { seen, left: left?.size ?? null, kept: await (await store.open(NAME))?.text() };
  },
};

export type PretrainedStoreTestApi = typeof api;

Comlink.expose(api);
