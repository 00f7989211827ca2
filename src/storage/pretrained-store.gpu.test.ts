import * as Comlink from 'comlink';
import { afterAll, expect, it } from 'vitest';
import type { PretrainedStoreTestApi } from './pretrained-store.test-worker';

const worker = new Worker(new URL('./pretrained-store.test-worker.ts', import.meta.url), { type: 'module' });
const api = Comlink.wrap<PretrainedStoreTestApi>(worker);

afterAll(() => worker.terminate());

it('keeps what came of a broken download, goes on with it, and gives it its name at the end', async () => {
  const long = 'abc'.repeat(500_000);
  const steps = [
    { at: 0, text: long, breaks: true },
    { at: 1_048_576, text: 'XY' },
    { at: 3, text: 'tail' },
  ];
  const { seen, left, kept, described } = await api.download(steps);
  // Pieces are gathered to a megabyte before they are written; what was gathered when the connection broke is lost.
  expect(seen[0]).toBe('The connection broke');
  expect(long.startsWith(seen[1] ?? 'nothing')).toBe(true);
  expect(seen[1]?.length).toBeGreaterThanOrEqual(1_048_576);
  expect(seen[2]).toBe(`${long.slice(0, 1_048_576)}XY`);
  expect(seen[3]).toBe('abctail');
  expect({ left, kept }).toEqual({ left: null, kept: 'abctail' });
  expect(described).toEqual({ name: 'weights.h5', sizeBytes: 7, official: true });
});

it('knows the name a kept file came with, and removes all of it', async () => {
  const described = await api.describeAndRemove(new File(['numbers'], 'my-vgg.h5'));
  expect(described).toEqual({
    own: { name: 'my-vgg.h5', sizeBytes: 7, official: false },
    nameless: { name: null, sizeBytes: 7, official: null },
    removed: null,
    left: [],
  });
});

it('neither replaces nor removes a file while it is read, nor reads one while it is replaced', async () => {
  const seen = await api.readWhileReplaced();
  const reads = ['reads old', 'still old', 'reads new', 'still new'];
  expect(seen.filter((step) => step !== 'replaced')).toEqual([...reads, 'removed']);
  expect(seen.indexOf('replaced')).toBeGreaterThan(1);
});
