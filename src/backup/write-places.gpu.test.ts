import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BackupEntry } from './backup-entries';
import { writePickedFile, writePickedFolder } from './write-places';

const rootName = `test-${crypto.randomUUID()}`;
let root: FileSystemDirectoryHandle;

async function* pieces(...texts: string[]) {
  for (const text of texts) {
    if (text === 'fail') throw new Error('The device was lost');
    yield new TextEncoder().encode(text);
  }
}

async function* entries(...paths: [path: string, text: string][]): AsyncGenerator<BackupEntry> {
  for (const [path, text] of paths) yield { path, sizeBytes: text.length, pieces: () => pieces(text) };
}

async function textOf(path: string): Promise<string> {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  let folder = root;
  for (const part of parts) folder = await folder.getDirectoryHandle(part);
  return (await (await folder.getFileHandle(name)).getFile()).text();
}

beforeEach(async () => {
  root = await (await navigator.storage.getDirectory()).getDirectoryHandle(rootName, { create: true });
});

afterEach(async () => {
  await (await navigator.storage.getDirectory()).removeEntry(rootName, { recursive: true });
});

it('a picked file is written whole, or stays as it was', async () => {
  const handle = await root.getFileHandle('b.zip', { create: true });
  await writePickedFile(handle, pieces('one ', 'two'));
  expect(await textOf('b.zip')).toBe('one two');
  await expect(writePickedFile(handle, pieces('half', 'fail'))).rejects.toThrow('The device was lost');
  expect(await textOf('b.zip')).toBe('one two');
});

it('a picked folder gets a new folder with every entry, or nothing', async () => {
  await writePickedFolder(root, 'backup', entries(['runs/a/record.json', '{}'], ['queue.json', '[]']));
  expect(await textOf('backup/runs/a/record.json')).toBe('{}');
  expect(await textOf('backup/queue.json')).toBe('[]');
  await expect(writePickedFolder(root, 'backup', entries())).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringContaining('has a folder backup already'),
  });
  await expect(writePickedFolder(root, 'half', entries(['queue.json', '[]'], ['runs/x', 'fail']))).rejects.toThrow();
  await expect(root.getDirectoryHandle('half')).rejects.toMatchObject({ name: 'NotFoundError' });
});
