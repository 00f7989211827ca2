/** @file The real worker over real folder handles of the origin-private file system; no GPU is used. */

import * as Comlink from 'comlink';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetProblem, DatasetProgress, DatasetSummary } from '../domain/dataset';
import { countImages } from '../domain/dataset';
import { type Reply, unwrap } from '../domain/failure';
import type { DatasetWorkerApi, PixelSource } from '../domain/protocol';

let worker: Worker;
let api: Comlink.Remote<DatasetWorkerApi>;
let root: FileSystemDirectoryHandle;

beforeAll(async () => {
  worker = new Worker(new URL('./dataset-worker.ts', import.meta.url), { type: 'module' });
  api = Comlink.wrap<DatasetWorkerApi>(worker);
  root = await navigator.storage.getDirectory();
});

afterAll(() => worker.terminate());

type Content = string | Uint8Array<ArrayBuffer> | Blob;

/** A fresh folder with these files. */
async function makeFolder(name: string, files: Record<string, Content>): Promise<FileSystemDirectoryHandle> {
  await root.removeEntry(name, { recursive: true }).catch(() => undefined);
  const folder = await root.getDirectoryHandle(name, { create: true });
  for (const [path, content] of Object.entries(files)) await writeFile(folder, path, content);
  return folder;
}

async function writeFile(folder: FileSystemDirectoryHandle, path: string, content: Content) {
  const parts = path.split('/');
  let parent = folder;
  for (const part of parts.slice(0, -1)) parent = await parent.getDirectoryHandle(part, { create: true });
  const stream = await (await parent.getFileHandle(parts.at(-1)!, { create: true })).createWritable();
  await stream.write(content);
  await stream.close();
}

/** A grey image of one level. */
function grey(level: number, width = 8, height = 8): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height).fill(level);
  return new Uint8Array(encode({ width, height, data, channels: 1 }));
}

async function truncatedJpeg(): Promise<Blob> {
  const canvas = new OffscreenCanvas(200, 200);
  canvas.getContext('2d')!.fillRect(20, 20, 90, 120);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
  return blob.slice(0, Math.floor(blob.size * 0.7));
}

async function open(handle: FileSystemDirectoryHandle): Promise<Reply<DatasetSummary>> {
  const source = { kind: 'directories' as const, name: handle.name, handles: [handle] };
  return api.openDataset(
    source,
    Comlink.proxy(() => undefined),
  );
}

describe('the dataset worker', () => {
  it('opens, checks, and leaves out what cannot be used', async () => {
    const folder = await makeFolder('mixed', {
      'train/A/1.png': grey(10),
      'train/A/cut.jpg': await truncatedJpeg(),
      'train/B/2.png': grey(20),
      'train/B/text.png': 'not an image',
      'validation/A/3.png': grey(30),
      'validation/B/empty.png': '',
      'test/A/4.png': grey(40),
      'test/B/tiny.png': grey(50, 1, 1),
      'test/B/5.png': grey(50),
    });
    const opened = unwrap(await open(folder));
    expect(opened).toMatchObject({ layout: 'split-folders', classNames: ['A', 'B'], problems: [] });
    expect(unwrap(await api.listImages(opened.id))).toHaveLength(9);

    const messages: (DatasetProgress & { found: DatasetProblem[] })[] = [];
    const checked = unwrap(
      await api.checkDataset(
        opened.id,
        Comlink.proxy((message) => void messages.push(message)),
      ),
    );
    expect(checked.id).toBe(opened.id);
    expect(checked.classCounts).toEqual([
      { train: 1, validation: 1, test: 1 },
      { train: 1, validation: 0, test: 1 },
    ]);
    expect(unwrap(await api.listImages(opened.id)).map(({ path }) => path)).toEqual([
      'test/A/4.png',
      'test/B/5.png',
      'train/A/1.png',
      'train/B/2.png',
      'validation/A/3.png',
    ]);
    expect(checked.problems).toEqual([
      { path: 'B', reason: 'has no image for validation; its figures there will be missing.', severity: 'notice' },
      { path: 'test/B/tiny.png', reason: 'is only 1 × 1 pixels; at least 4 × 4 are needed.', severity: 'excluded' },
      {
        path: 'train/A/cut.jpg',
        reason: 'is cut short: the JPEG data ends before the image does; copy the file again.',
        severity: 'excluded',
      },
      {
        path: 'train/B/text.png',
        reason: 'is a text file, not an image; remove it or put the image in its place.',
        severity: 'excluded',
      },
      { path: 'validation/B/empty.png', reason: 'is empty (0 bytes); copy the file again.', severity: 'excluded' },
    ]);
    expect(messages.at(-1)).toMatchObject({ phase: 'checking', done: 9, total: 9 });
    expect(messages.flatMap(({ found }) => found)).toHaveLength(4);
  });

  it('reads pixels in the order of the paths, also over a port of their own', async () => {
    const folder = await makeFolder('ordered', {
      'A/1.png': grey(10),
      'A/2.png': grey(20),
      'B/3.png': grey(30, 40, 10),
    });
    const { id } = unwrap(await open(folder));
    const { port1, port2 } = new MessageChannel();
    await api.servePixels(Comlink.transfer(port1, [port1]));
    const pixels = Comlink.wrap<PixelSource>(port2);
    const paths = ['B/3.png', 'A/1.png', 'A/2.png', 'A/1.png'];
    for (const interpolation of ['nearest', 'bilinear', 'nearest'] as const) {
      const batch = unwrap(await pixels.readPixels({ datasetId: id, paths, size: 5, interpolation }));
      expect(batch).toMatchObject({ count: 4, size: 5 });
      expect([0, 75, 150, 225].map((offset) => batch.data[offset + 74])).toEqual([30, 10, 20, 10]);
    }
    const alone = unwrap(await pixels.decodeFile(new File([grey(77)], 'x.png'), 4, 'nearest'));
    expect([...alone.data]).toEqual(new Array(48).fill(77));

    const image = unwrap(await api.readImage(id, 'B/3.png', 20));
    expect(image).toMatchObject({ width: 20, height: 5 });
    expect([...image.data.subarray(0, 4)]).toEqual([30, 30, 30, 255]);
    expect(unwrap(await api.readFileImage(new File([grey(1, 6, 9)], 'x.png'), 100))).toMatchObject({
      width: 6,
      height: 9,
    });
  });

  it('says which file vanished or changed, and which file cannot be decoded', async () => {
    const folder = await makeFolder('moving', { 'A/1.png': grey(10), 'A/2.png': grey(20), 'B/3.png': grey(30) });
    const { id } = unwrap(await open(folder));
    const inner = await folder.getDirectoryHandle('A');
    await inner.removeEntry('1.png');
    await writeFile(folder, 'A/2.png', grey(20, 90, 90));
    const read = (path: string) =>
      api.readPixels({ datasetId: id, paths: ['B/3.png', path], size: 4, interpolation: 'nearest' });
    expect(await read('A/1.png')).toMatchObject({
      ok: false,
      failure: { code: 'bad-input', sentence: expect.stringMatching(/^A\/1\.png is no longer in the folder/) },
    });
    expect(await read('A/2.png')).toMatchObject({
      ok: false,
      failure: { sentence: 'A/2.png was changed after the folder was opened; drop the folder again.' },
    });
    expect(await api.decodeFile(new File(['hello'], 'note.png'), 4, 'nearest')).toMatchObject({
      ok: false,
      failure: { code: 'bad-input', sentence: expect.stringMatching(/^note\.png is a text file/) },
    });
  });

  it('reads a file anew that changed in place and kept its size, when its folder is opened again', async () => {
    const folder = await makeFolder('in-place', { 'A/1.png': grey(10), 'B/2.png': grey(20) });
    const read = async () => {
      const { id } = unwrap(await open(folder));
      const request = { datasetId: id, paths: ['A/1.png'], size: 2, interpolation: 'nearest' as const };
      return { id, level: unwrap(await api.readPixels(request)).data[0] };
    };
    const before = await read();
    expect(grey(11)).toHaveLength(grey(10).length);
    // File times count in milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writeFile(folder, 'A/1.png', grey(11));
    const after = await read();
    expect(after.id).toBe(before.id);
    expect([before.level, after.level]).toEqual([10, 11]);
  });

  it('keeps what was open when a folder cannot be opened', async () => {
    const good = unwrap(await open(await makeFolder('good', { 'A/1.png': grey(10), 'B/2.png': grey(20) })));
    const outcome = await open(await makeFolder('void', {}));
    expect(outcome).toMatchObject({
      ok: false,
      failure: { code: 'bad-input', sentence: expect.stringMatching(/"void" is empty/) },
    });
    expect(
      await api.readPixels({ datasetId: good.id, paths: ['A/1.png'], size: 4, interpolation: 'nearest' }),
    ).toMatchObject({ ok: true });
  });

  it('draws the sample once and opens it like any folder', { tags: 'long' }, async () => {
    await root.removeEntry('sample-dataset-1', { recursive: true }).catch(() => undefined);
    const phases = new Set<string>();
    const watch = Comlink.proxy(({ phase }: DatasetProgress) => void phases.add(phase));
    const first = unwrap(await api.openSample(watch));
    expect(first).toMatchObject({
      synthetic: true,
      layout: 'lists',
      classNames: ['COVID', 'HEALTHY', 'PNEUMONIA'],
      problems: [],
    });
    for (const classIndex of [0, 1, 2]) {
      expect(countImages(first, 'train', classIndex)).toBe(113);
      expect(countImages(first, 'validation', classIndex)).toBe(14);
      expect(countImages(first, 'test', classIndex)).toBe(15);
    }
    expect(phases).toContain('drawing');

    phases.clear();
    expect(unwrap(await api.openSample(watch)).id).toBe(first.id);
    expect(phases).not.toContain('drawing');

    const home = await root.getDirectoryHandle('sample-dataset-1');
    const covid = await (await home.getDirectoryHandle('phantoms')).getDirectoryHandle('COVID');
    await covid.removeEntry('phantom-covid-001.png');
    expect(unwrap(await api.openSample(watch)).id).toBe(first.id);
  });
});
