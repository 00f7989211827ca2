import { afterEach, beforeEach, expect, it } from 'vitest';
import { hold, holdIfFree, takeShared } from './locks';
import { freeBytes, measureStored } from './measure-stored';

const rootName = `test-${crypto.randomUUID()}`;
let root: FileSystemDirectoryHandle;

/** Makes a file of this many bytes, and the folders of its path. */
async function addFile(path: string, sizeBytes: number) {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  let folder = root;
  for (const part of parts) folder = await folder.getDirectoryHandle(part, { create: true });
  const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await writable.write(new Uint8Array(sizeBytes));
  await writable.close();
}

beforeEach(async () => {
  root = await (await navigator.storage.getDirectory()).getDirectoryHandle(rootName, { create: true });
});

afterEach(async () => {
  await (await navigator.storage.getDirectory()).removeEntry(rootName, { recursive: true });
});

it('measures what is stored, part by part', async () => {
  expect(await measureStored(root)).toEqual({ runs: [], pretrained: [], sampleBytes: 0, exportBytes: 0 });
  await addFile('runs/a/weights-1.bin', 5);
  await addFile('runs/a/weights-2.bin', 6);
  await addFile('runs/a/slots-2.bin', 20);
  await addFile('runs/empty/manifest.json', 0);
  await addFile('pretrained/vgg.h5', 100);
  await addFile('pretrained/vgg.h5.name', 1);
  await addFile('pretrained/dense.h5.download', 7);
  await addFile('exports/tab/model.h5', 30);
  await addFile('sample-dataset-1/phantoms/A/1.png', 2);
  await addFile('sample-dataset-1/complete.txt', 1);
  await addFile('kernels/kernel-tiles.json', 9);
  const { pretrained, ...rest } = await measureStored(root);
  expect(rest).toEqual({
    runs: [{ runId: 'a', weightsBytes: 11, optimizerBytes: 20 }],
    sampleBytes: 3,
    exportBytes: 30,
  });
  expect(pretrained.toSorted((a, b) => b.sizeBytes - a.sizeBytes)).toEqual([
    { fileName: 'vgg.h5', sizeBytes: 101 },
    { fileName: 'dense.h5', sizeBytes: 7 },
  ]);
  expect(await freeBytes()).toBeGreaterThan(0);
});

it('a lock that is taken as shared keeps its holders away until it is let go', async () => {
  const name = crypto.randomUUID();
  const release = await takeShared(name);
  expect(await holdIfFree(name, async () => true)).toBeNull();
  release?.();
  expect(await hold(name, () => takeShared(name))).toBeNull();
  expect(await holdIfFree(name, async () => true)).toBe(true);
});
