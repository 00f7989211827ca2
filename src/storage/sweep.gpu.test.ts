import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportLock, runLock } from '../domain/lock-names';
import { findGoingRuns, hold } from './locks';
import { listNames } from './opfs-file';
import { weightsLock } from './pretrained-store';
import { type SweptDirectories, sweepLeftovers } from './sweep';

const MANIFEST = {
  schemaVersion: 1,
  generation: 3,
  last: {
    epoch: 3,
    state: null,
    weights: { fileName: 'weights-3.bin', lengthBytes: 0, tensors: [] },
    slots: { fileName: 'slots-3.bin', lengthBytes: 0, tensors: [] },
  },
  best: { epoch: 2, weights: { fileName: 'weights-2.bin', lengthBytes: 0, tensors: [] } },
};
const KEPT = { 'manifest.json': JSON.stringify(MANIFEST), 'weights-2.bin': '', 'weights-3.bin': '', 'slots-3.bin': '' };

const rootName = `test-${crypto.randomUUID()}`;
let directories: SweptDirectories;

async function addFiles(parent: FileSystemDirectoryHandle, path: string | null, files: Record<string, string>) {
  const directory = path === null ? parent : await parent.getDirectoryHandle(path, { create: true });
  for (const [name, text] of Object.entries(files)) {
    const writable = await (await directory.getFileHandle(name, { create: true })).createWritable();
    await writable.write(text);
    await writable.close();
  }
}

const namesIn = async (parent: FileSystemDirectoryHandle, path: string) =>
  (await listNames(await parent.getDirectoryHandle(path))).sort();

const runs = (...ids: string[]) => ({ ids: new Set(ids), over: new Set<string>() });
const sweep = (...ids: string[]) => sweepLeftovers(directories, async () => runs(...ids));

beforeEach(async () => {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(rootName, { create: true });
  const make = (name: string) => root.getDirectoryHandle(name, { create: true });
  directories = { runs: await make('runs'), pretrained: await make('pretrained'), exports: await make('exports') };
});

afterEach(async () => {
  vi.restoreAllMocks();
  await (await navigator.storage.getDirectory()).removeEntry(rootName, { recursive: true });
});

describe('a sweep', () => {
  it('removes what no record and no manifest names, and counts it', async () => {
    const { runs } = directories;
    await addFiles(runs, 'kept', { ...KEPT, 'weights-4.bin': '12345', 'slots-4.bin.part': '67' });
    await addFiles(runs, 'first-save', { 'weights-1.bin.part': '1' });
    await addFiles(runs, 'deleted', { ...KEPT, 'manifest.json': '{}' });
    await addFiles(runs, 'damaged', { 'manifest.json': '{}', 'weights-1.bin': '' });
    expect(await sweep('kept', 'first-save', 'damaged')).toEqual({ count: 4, sizeBytes: 5 + 2 + 1 + 2 });
    expect((await listNames(runs)).sort()).toEqual(['damaged', 'first-save', 'kept']);
    expect(await namesIn(runs, 'kept')).toEqual(Object.keys(KEPT).sort());
    expect(await namesIn(runs, 'first-save')).toEqual([]);
    expect(await namesIn(runs, 'damaged')).toEqual(['manifest.json', 'weights-1.bin']);
    expect(await sweep('kept', 'first-save', 'damaged')).toEqual({ count: 0, sizeBytes: 0 });
  });

  it('leaves alone what another tab works on', async () => {
    const { runs, pretrained, exports } = directories;
    await addFiles(runs, 'importing', { 'weights-1.bin.part': '1' });
    await addFiles(pretrained, null, { 'vgg.h5.part': '1' });
    await addFiles(exports, 'other-tab', { 'vgg16-last.h5': '1' });
    const locks = [runLock('importing'), weightsLock(pretrained, 'vgg.h5'), exportLock('other-tab')];
    const swept = await locks.reduce<() => ReturnType<typeof sweep>>(
      (work, name) => () => hold(name, work),
      () => sweep(),
    )();
    expect(swept).toEqual({ count: 0, sizeBytes: 0 });
    expect(await namesIn(runs, 'importing')).toEqual(['weights-1.bin.part']);
    expect(await listNames(pretrained)).toEqual(['vgg.h5.part']);
    expect(await namesIn(exports, 'other-tab')).toEqual(['vgg16-last.h5']);
  });

  it('is not shown as a run in progress', async () => {
    await addFiles(directories.runs, 'deleted', KEPT);
    const going: ReadonlySet<string>[] = [];
    await sweepLeftovers(directories, async () => {
      going.push(await findGoingRuns());
      return runs();
    });
    expect(going).toEqual([new Set(), new Set()]);
    expect(await listNames(directories.runs)).toEqual([]);
  });

  it('removes half-written weights files, and downloads that nobody has gone on with for a week', async () => {
    const { pretrained } = directories;
    const names = { 'vgg.h5': 'x', 'vgg.h5.name': 'x', 'vgg.h5.name.part': '1', 'vgg.h5.part': '22' };
    await addFiles(pretrained, null, { ...names, 'dense.h5.download': '333' });
    expect(await sweep()).toEqual({ count: 2, sizeBytes: 3 });
    expect((await listNames(pretrained)).sort()).toEqual(['dense.h5.download', 'vgg.h5', 'vgg.h5.name']);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 8 * 24 * 3600 * 1000);
    expect(await sweep()).toEqual({ count: 1, sizeBytes: 3 });
    expect((await listNames(pretrained)).sort()).toEqual(['vgg.h5', 'vgg.h5.name']);
  });

  it('removes exports of closed tabs without counting them', async () => {
    await addFiles(directories.exports, 'closed-tab', { 'vgg16-last.h5': '1' });
    await addFiles(directories.exports, null, { 'of-an-older-version.h5': '1' });
    expect(await sweep()).toEqual({ count: 0, sizeBytes: 0 });
    expect(await listNames(directories.exports)).toEqual([]);
  });

  it('removes nothing when the records cannot be listed', async () => {
    await addFiles(directories.runs, 'kept', KEPT);
    await expect(sweepLeftovers(directories, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await namesIn(directories.runs, 'kept')).toEqual(Object.keys(KEPT).sort());
  });
});
