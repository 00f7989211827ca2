/** @file From what was dropped or chosen to what the dataset worker opens. */

import type { DatasetSource } from '../../domain/protocol';
import { type DroppedItems, listDirectory } from '../../ui/dropped-items';

/** Null when there is nothing in it. Folders alone stay handles; as soon as loose files are among them, all become files. */
export async function toDatasetSource({ directories, files }: DroppedItems): Promise<DatasetSource | null> {
  if (directories.length > 0 && files.length === 0) {
    return { kind: 'directories', name: directories.map(({ name }) => name).join(' + '), handles: directories };
  }
  const listed = await Promise.all(directories.map((directory) => listDirectory(directory)));
  const all = [...files, ...listed.flat()];
  if (all.length === 0) return null;
  return { kind: 'files', ...withoutRoot(all) };
}

/** Paths inside the folder, when all files are in one; its name is the dataset's. */
function withoutRoot<File extends { path: string }>(files: File[]): { name: string; files: File[] } {
  const root = files[0].path.split('/', 1)[0];
  const inOneFolder = files.every(({ path }) => path.startsWith(`${root}/`));
  if (!inOneFolder) return { name: files.length === 1 ? files[0].path : 'Dropped files', files };
  return { name: root, files: files.map((file) => ({ ...file, path: file.path.slice(root.length + 1) })) };
}
