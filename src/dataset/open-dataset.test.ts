import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import type { DatasetProgress } from '../domain/dataset';
import type { ImageQuery } from '../domain/protocol';
import { OpenDataset } from './open-dataset';

const GREY_PNG = new Uint8Array(encode({ width: 4, height: 4, data: new Uint8Array(16), channels: 1 }));
const NEVER = new AbortController().signal;

function source(files: Record<string, BlobPart>, name = 'xrays') {
  const list = Object.entries(files).map(([path, content]) => ({
    path,
    file: new File([content], path.slice(path.lastIndexOf('/') + 1), { lastModified: 1 }),
  }));
  return { kind: 'files' as const, name, files: list };
}

const open = (files: Record<string, BlobPart>, name?: string) =>
  OpenDataset.open(source(files, name), false, () => undefined, NEVER);

const SPLIT_FOLDERS = {
  'x/train/A/1.png': 'aaaa',
  'x/train/B/2.png': 'bb',
  'x/val/A/3.png': 'c',
  'x/test/B/4.png': GREY_PNG,
  'x/.DS_Store': '',
  'x/train/A/.hidden.png': '',
  'x/__MACOSX/train/A/._1.png': '',
  'x/train/A/Thumbs.db': '',
};

describe('OpenDataset', () => {
  it('summarises a folder without decoding, system files left aside', async () => {
    const dataset = await open(SPLIT_FOLDERS);
    const { summary } = dataset;
    expect(summary).toMatchObject({ name: 'xrays', synthetic: false, layout: 'split-folders', classNames: ['A', 'B'] });
    expect(summary.classCounts).toEqual([
      { train: 1, validation: 1, test: 0 },
      { train: 1, validation: 0, test: 1 },
    ]);
    expect(dataset.listImages()).toEqual([
      { path: 'test/B/4.png', split: 'test', classIndex: 1, sizeBytes: GREY_PNG.length },
      { path: 'train/A/1.png', split: 'train', classIndex: 0, sizeBytes: 4 },
      { path: 'train/B/2.png', split: 'train', classIndex: 1, sizeBytes: 2 },
      { path: 'val/A/3.png', split: 'validation', classIndex: 0, sizeBytes: 1 },
    ]);
    expect(summary.problems.map(({ path, reason, severity }) => `${severity}: ${path} ${reason}`)).toEqual([
      'notice: A has no image for the test; its figures there will be missing.',
      'notice: B has no image for validation; its figures there will be missing.',
    ]);
  });

  it('lists the images of one split, and the first of each class', async () => {
    const paths = ['train/A/1.png', 'train/A/2.png', 'train/B/3.png', 'train/B/4.png', 'val/A/5.png'];
    const dataset = await open(Object.fromEntries(paths.map((path) => [path, GREY_PNG])));
    const list = (query?: ImageQuery) => dataset.listImages(query).map(({ path }) => path);
    expect(list({ split: 'validation' })).toEqual(['val/A/5.png']);
    expect(list({ split: 'train', perClass: 1 })).toEqual(['train/A/1.png', 'train/B/3.png']);
    expect(list({})).toEqual(paths);
  });

  it('gives the same id to the same files under any wrapper, another to others', async () => {
    const { id } = (await open(SPLIT_FOLDERS)).summary;
    const unwrapped = Object.fromEntries(Object.entries(SPLIT_FOLDERS).map(([path, text]) => [path.slice(2), text]));
    expect((await open(unwrapped, 'other name')).summary.id).toBe(id);
    expect((await open({ ...unwrapped, 'train/A/1.png': 'longer' })).summary.id).not.toBe(id);
    expect((await open({ ...unwrapped, 'train/A/5.png': '' })).summary.id).not.toBe(id);
  });

  it('blocks on one class, and on a class without training images', async () => {
    const one = (await open({ 'A/1.png': GREY_PNG, 'A/2.png': 'b' })).summary;
    expect(one.problems[0]).toEqual({
      path: 'xrays',
      reason: 'has one class only, A; telling classes apart needs at least two folders.',
      severity: 'blocking',
    });
    const untrained = (await open({ 'train/A/1.png': GREY_PNG, 'test/B/2.png': 'b', 'val/A/3.png': 'c' })).summary;
    expect(untrained.problems).toContainEqual({
      path: 'B',
      reason: 'has no image for training; add some, or remove the class from the dataset.',
      severity: 'blocking',
    });
  });

  it('refuses a file that has changed, and a path that is no image of the dataset', async () => {
    const files = source({ 'A/1.png': GREY_PNG, 'B/1.png': 'b' });
    const dataset = await OpenDataset.open(files, false, () => undefined, NEVER);
    await expect(dataset.readFile('A/1.png')).resolves.toBeInstanceOf(File);
    await expect(dataset.readFile('A/9.png')).rejects.toThrow('A/9.png is not an image of xrays.');
  });

  it.each([
    ['NotFoundError', /^The folder "xrays" is no longer there; put it back/],
    ['NotAllowedError', /^The folder "xrays" may not be read; drop the folder again/],
    ['NotReadableError', /^The folder "xrays" cannot be read from disk/],
  ])('names the folder that cannot be listed: %s', async (name, sentence) => {
    const values = () => {
      throw new DOMException('a browser text', name);
    };
    const handle = { kind: 'directory', name: 'xrays', values } as unknown as FileSystemDirectoryHandle;
    const source = { kind: 'directories' as const, name: 'xrays', handles: [handle] };
    await expect(OpenDataset.open(source, false, () => undefined, NEVER)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(sentence),
    });
  });

  it('names the list that cannot be read', async () => {
    const files = source({ 'A/1.png': 'a', 'training.txt': 'A/1.png' });
    const list = files.files[1].file;
    list.arrayBuffer = () => Promise.reject(new DOMException('a browser text', 'NotFoundError'));
    await expect(OpenDataset.open(files, false, () => undefined, NEVER)).rejects.toThrow(
      /^training\.txt is no longer there; put it back/,
    );
  });

  it.each([
    [
      'songs',
      { 'A/1.mp3': new Uint8Array([0x49, 0x44, 0x33, 3]), 'B/2.mp3': 'ID3' },
      /A\/1\.mp3 is not an image in a known format/,
    ],
    [
      'images of a format that is not read',
      { 'A/1.gif': 'GIF89a', 'B/2.gif': 'GIF89a' },
      /A\/1\.gif is a GIF, which is not supp/,
    ],
    [
      'images cut short',
      { 'A/1.png': GREY_PNG.slice(0, 50), 'B/2.png': GREY_PNG.slice(0, 40) },
      /A\/1\.png is cut short/,
    ],
    ['listed files that are empty', { 'A/1.png': '', 'training.txt': 'A/1.png' }, /A\/1\.png is empty/],
  ])('refuses a folder of %s', async (_, files: Record<string, BlobPart>, first) => {
    const refused = open(files, 'holiday');
    await expect(refused).rejects.toMatchObject({ code: 'bad-input' });
    await expect(refused).rejects.toThrow(
      /^There is no image that can be used in "holiday", among \d files? looked at\. The first: /,
    );
    await expect(refused).rejects.toThrow(first);
  });

  it('opens a folder whose first files are no images', async () => {
    const { summary } = await open({ 'A/1.png': 'text', 'A/2.png': '', 'B/3.png': GREY_PNG });
    expect(summary.classNames).toEqual(['A', 'B']);
  });

  it('says so when no file can be opened', async () => {
    const getFile = () => Promise.reject(new DOMException('a browser text', 'NotReadableError'));
    const folder = (name: string, handles: object[]) => ({
      kind: 'directory',
      name,
      values: async function* () {
        yield* handles;
      },
    });
    const handles = ['A', 'B'].map((name) => folder(name, [{ kind: 'file', name: '1.png', getFile }]));
    const handle = folder('xrays', handles) as unknown as FileSystemDirectoryHandle;
    const unreadable = { kind: 'directories' as const, name: 'xrays', handles: [handle] };
    await expect(OpenDataset.open(unreadable, false, () => undefined, NEVER)).rejects.toThrow(
      'There is no image that can be used in "xrays", among 2 files looked at. The first: A/1.png cannot be opened;',
    );
  });

  it('ends with the signal’s reason while it lists and while it looks at the files', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const files = source({ 'A/1.png': 'no image', 'B/2.png': 'no image' });
    const slice = File.prototype.slice;
    files.files[0].file.slice = function (...range) {
      controller.abort(reason);
      return slice.apply(this, range);
    };
    await expect(OpenDataset.open(files, false, () => undefined, controller.signal)).rejects.toBe(reason);
    const values = async function* () {
      yield { kind: 'file', name: '1.png' };
    };
    const handle = { kind: 'directory', name: 'x', values } as unknown as FileSystemDirectoryHandle;
    const folder = { kind: 'directories' as const, name: 'x', handles: [handle] };
    await expect(OpenDataset.open(folder, false, () => undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('indexes a hundred thousand files, with few messages', async () => {
    const file = new File([GREY_PNG], 'x.png');
    const files = Array.from({ length: 100_000 }, (_, i) => ({ path: `class${i % 4}/scan ${i}.png`, file }));
    const messages: DatasetProgress[] = [];
    const startedMs = performance.now();
    const dataset = await OpenDataset.open(
      { kind: 'files', name: 'big', files },
      false,
      (message) => messages.push(message),
      NEVER,
    );
    const timeMs = performance.now() - startedMs;
    expect(dataset.listImages()).toHaveLength(100_000);
    expect(messages.at(-1)).toEqual({ phase: 'listing', done: 100_000, total: 100_000 });
    expect(messages.length).toBeLessThan(timeMs / 100 + 3);
    expect(timeMs).toBeLessThan(20_000);
  }, 30_000);
});
