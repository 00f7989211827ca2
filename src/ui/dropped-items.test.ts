import { expect, it } from 'vitest';
import { listDirectory, readDroppedItems } from './dropped-items';

/** As much of a drop as reading it needs. */
function transferOf(...handles: object[]): DataTransfer {
  const items = handles.map((handle) => ({ kind: 'file', getAsFileSystemHandle: async () => handle }));
  return { items } as unknown as DataTransfer;
}

const gone = () => Promise.reject(new DOMException('a browser text', 'NotFoundError'));

it('returns folders as handles and files as files', async () => {
  const file = new File(['x'], 'a.png');
  const folder = { kind: 'directory', name: 'xrays' };
  const dropped = await readDroppedItems(
    transferOf({ kind: 'file', name: 'a.png', getFile: async () => file }, folder),
  );
  expect(dropped).toEqual({ directories: [folder], files: [{ path: 'a.png', file }] });
});

it('names a file that has vanished', async () => {
  await expect(readDroppedItems(transferOf({ kind: 'file', name: 'a.png', getFile: gone }))).rejects.toMatchObject({
    code: 'bad-input',
    message: 'a.png is no longer there or may not be read; check it and drop it again.',
  });
});

it('lists a folder of more files than a call may have arguments', async () => {
  const file = new File(['x'], 'a.png');
  async function* values() {
    for (let i = 0; i < 200_000; i += 1) yield { kind: 'file', name: `${i}.png`, getFile: async () => file };
  }
  const inner = { kind: 'directory', name: 'A', values };
  const folder = {
    kind: 'directory',
    name: 'xrays',
    values: async function* () {
      yield inner;
    },
  } as unknown as FileSystemDirectoryHandle;
  const files = await listDirectory(folder);
  expect(files).toHaveLength(200_000);
  expect(files[199_999].path).toBe('xrays/A/199999.png');
});
