import { describe, expect, it } from 'vitest';
import type { DatasetProgress } from '../domain/dataset';
import type { ImageQuery } from '../domain/protocol';
import { OpenDataset } from './open-dataset';

function source(files: Record<string, string>, name = 'xrays') {
  const list = Object.entries(files).map(([path, content]) => ({
    path,
    file: new File([content], path.slice(path.lastIndexOf('/') + 1), { lastModified: 1 }),
  }));
  return { kind: 'files' as const, name, files: list };
}

const open = (files: Record<string, string>, name?: string) =>
  OpenDataset.open(source(files, name), false, () => undefined);

const SPLIT_FOLDERS = {
  'x/train/A/1.png': 'aaaa',
  'x/train/B/2.png': 'bb',
  'x/val/A/3.png': 'c',
  'x/test/B/4.png': 'd',
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
      { path: 'test/B/4.png', split: 'test', classIndex: 1, sizeBytes: 1 },
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
    const dataset = await open(Object.fromEntries(paths.map((path) => [path, 'x'])));
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
    const one = (await open({ 'A/1.png': 'a', 'A/2.png': 'b' })).summary;
    expect(one.problems[0]).toEqual({
      path: 'xrays',
      reason: 'has one class only, A; telling classes apart needs at least two folders.',
      severity: 'blocking',
    });
    const untrained = (await open({ 'train/A/1.png': 'a', 'test/B/2.png': 'b', 'val/A/3.png': 'c' })).summary;
    expect(untrained.problems).toContainEqual({
      path: 'B',
      reason: 'has no image for training; add some, or remove the class from the dataset.',
      severity: 'blocking',
    });
  });

  it('tells of a file that changed or is no image of the dataset', async () => {
    const files = source({ 'A/1.png': 'a', 'B/1.png': 'b' });
    const dataset = await OpenDataset.open(files, false, () => undefined);
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
    await expect(OpenDataset.open(source, false, () => undefined)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(sentence),
    });
  });

  it('names the list that cannot be read', async () => {
    const files = source({ 'A/1.png': 'a', 'training.txt': 'A/1.png' });
    const list = files.files[1].file;
    list.arrayBuffer = () => Promise.reject(new DOMException('a browser text', 'NotFoundError'));
    await expect(OpenDataset.open(files, false, () => undefined)).rejects.toThrow(
      /^training\.txt is no longer there; put it back/,
    );
  });

  it('indexes a hundred thousand files, with few messages', async () => {
    const file = new File(['x'], 'x.png');
    const files = Array.from({ length: 100_000 }, (_, i) => ({ path: `class${i % 4}/scan ${i}.png`, file }));
    const messages: DatasetProgress[] = [];
    const startedMs = performance.now();
    const dataset = await OpenDataset.open({ kind: 'files', name: 'big', files }, false, (message) =>
      messages.push(message),
    );
    const timeMs = performance.now() - startedMs;
    expect(dataset.listImages()).toHaveLength(100_000);
    expect(messages.at(-1)).toEqual({ phase: 'listing', done: 100_000, total: 100_000 });
    expect(messages.length).toBeLessThan(timeMs / 100 + 3);
    expect(timeMs).toBeLessThan(20_000);
  }, 30_000);
});
