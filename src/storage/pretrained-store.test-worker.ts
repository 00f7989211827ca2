/** @file Downloads into the origin-private file system, in a worker, for the test beside it. */

import * as Comlink from 'comlink';
import { openPretrainedStore } from './pretrained-store';

const NAME = 'weights.h5';

async function* once(text: string, breaks: boolean): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
  if (breaks) throw new Error('The connection broke');
}

async function openStore(folder: string) {
  const root = await navigator.storage.getDirectory();
  return openPretrainedStore(await root.getDirectoryHandle(folder, { create: true }));
}

const api = {
  /** Writes each text at its offset, one call each; returns the contents after each, and at the end. */
  async download(steps: { at: number; text: string; breaks?: boolean }[]) {
    const store = await openStore('test-downloads');
    await store.remove(NAME);
    const seen: (string | undefined)[] = [];
    for (const { at, text, breaks = false } of steps) {
      await store.continueDownload(NAME, at, once(text, breaks)).catch((error: Error) => seen.push(error.message));
      seen.push(await (await store.openDownload(NAME))?.text());
    }
    await store.keepDownload(NAME);
    const left = await store.openDownload(NAME);
    return {
      seen,
      left: left?.size ?? null,
      kept: await (await store.open(NAME))?.text(),
      described: await store.describe(NAME),
    };
  },
  /** Describes an imported file, the same without its note as older versions kept it, and after removing it twice. */
  async describeAndRemove(file: File) {
    const store = await openStore('test-removal');
    await store.save(NAME, file, false);
    const own = await store.describe(NAME);
    const root = await navigator.storage.getDirectory();
    await (await root.getDirectoryHandle('test-removal')).removeEntry(`${NAME}.name`);
    const nameless = await store.describe(NAME);
    await store.save(NAME, file, false);
    await store.continueDownload(NAME, 0, once('half', false));
    await store.remove(NAME);
    await store.remove(NAME);
    const left: string[] = [];
    const folder = (await root.getDirectoryHandle('test-removal')) as unknown as AsyncIterable<[string, unknown]>;
    for await (const [name] of folder) left.push(name);
    return { own, nameless, removed: await store.describe(NAME), left };
  },
  /** In what order reading a kept file and replacing, removing and reading it again went, each asked for at once. */
  async readWhileReplaced() {
    const store = await openStore('test-locks');
    const otherTab = await openStore('test-locks');
    await store.save(NAME, new File(['old'], 'old.h5'), false);
    const seen: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const read = async (then: () => Promise<void>) => {
      seen.push(`reads ${await (await store.open(NAME))?.text()}`);
      await then();
      seen.push(`still ${await (await store.open(NAME))?.text()}`);
    };
    const steps = [
      store.whileKept(NAME, () => read(() => held)),
      otherTab.save(NAME, new File(['new'], 'new.h5'), true).then(() => seen.push('replaced')),
      store.whileKept(NAME, () => read(async () => undefined)),
      otherTab.remove(NAME).then(() => seen.push('removed')),
    ];
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    await Promise.all(steps);
    return seen;
  },
};

export type PretrainedStoreTestApi = typeof api;

Comlink.expose(api);
