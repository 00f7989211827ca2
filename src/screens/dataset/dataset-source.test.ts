import { describe, expect, it } from 'vitest';
import { toDatasetSource } from './dataset-source';

const file = (path: string) => ({ path, file: new File(['x'], path) });

/** As much of a directory handle as listing needs. */
function directory(name: string, fileNames: string[]): FileSystemDirectoryHandle {
  async function* values() {
    for (const fileName of fileNames) {
      yield { kind: 'file', name: fileName, getFile: async () => new File(['x'], fileName) };
    }
  }
  return { kind: 'directory', name, values } as unknown as FileSystemDirectoryHandle;
}

describe('toDatasetSource', () => {
  it('passes folders on as handles', async () => {
    const folders = [directory('a', []), directory('b', [])];
    const source = await toDatasetSource({ directories: folders, files: [] });
    expect(source).toEqual({ kind: 'directories', name: 'a + b', handles: folders });
  });

  it('removes the folder from the paths of a chosen folder', async () => {
    const source = await toDatasetSource({ directories: [], files: [file('xray/A/1.png'), file('xray/B/2.png')] });
    expect(source?.name).toBe('xray');
    expect(source?.kind === 'files' && source.files.map(({ path }) => path)).toEqual(['A/1.png', 'B/2.png']);
  });

  it('keeps the paths of folders and loose files dropped together', async () => {
    const source = await toDatasetSource({
      directories: [directory('COVID', ['1.png'])],
      files: [file('training.txt')],
    });
    expect(source?.name).toBe('Dropped files');
    expect(source?.kind === 'files' && source.files.map(({ path }) => path)).toEqual(['training.txt', 'COVID/1.png']);
  });

  it('is null for nothing', async () => {
    expect(await toDatasetSource({ directories: [], files: [] })).toBeNull();
  });
});
