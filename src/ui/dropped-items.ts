/**
 * @file What a person dropped: directory handles where the browser gives them, otherwise files with relative paths.
 *
 * A drop's items live only until its event handler returns, so everything is taken from them before the first await.
 */

import { StudioError } from '../domain/failure';

export interface DroppedFile {
  /** `folder/sub/file.png`; the bare name of a file dropped by itself. */
  path: string;
  file: File;
}

export interface DroppedItems {
  directories: FileSystemDirectoryHandle[];
  files: DroppedFile[];
}

/** Not in TypeScript's DOM library: not every browser has it. */
interface HandleItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/**
 * Must be called inside the drop event's handler, before any await.
 * @throws {StudioError} `bad-input` naming the file or folder that is gone or may not be read.
 */
export function readDroppedItems(transfer: DataTransfer): Promise<DroppedItems> {
  const items: (DataTransferItem & HandleItem)[] = [...transfer.items].filter(({ kind }) => kind === 'file');
  if (items.every((item) => item.getAsFileSystemHandle)) {
    return collectHandles(items.map((item) => item.getAsFileSystemHandle?.() ?? Promise.resolve(null)));
  }
  if (items.every((item) => item.webkitGetAsEntry)) {
    return collectEntries(items.map((item) => item.webkitGetAsEntry()));
  }
  return Promise.resolve({ directories: [], files: [...transfer.files].map((file) => ({ path: file.name, file })) });
}

/**
 * Every file below a directory, with paths that begin with the directory's own name.
 * @throws {StudioError} `bad-input` naming the file that is gone or may not be read.
 */
export async function listDirectory(directory: FileSystemDirectoryHandle): Promise<DroppedFile[]> {
  const files: DroppedFile[] = [];
  await addDirectory(directory, '', files);
  return files;
}

async function addDirectory(directory: FileSystemDirectoryHandle, prefix: string, files: DroppedFile[]): Promise<void> {
  const base = `${prefix}${directory.name}/`;
  for (const handle of await listHandles(directory)) {
    if (isDirectory(handle)) await addDirectory(handle, base, files);
    else if (isFile(handle)) files.push({ path: base + handle.name, file: await readFile(handle) });
  }
}

async function collectHandles(asked: Promise<FileSystemHandle | null>[]): Promise<DroppedItems> {
  const dropped: DroppedItems = { directories: [], files: [] };
  for (const handle of await Promise.all(asked)) {
    if (handle && isDirectory(handle)) dropped.directories.push(handle);
    else if (handle && isFile(handle)) {
      dropped.files.push({ path: handle.name, file: await readFile(handle) });
    }
  }
  return dropped;
}

async function collectEntries(entries: (FileSystemEntry | null)[]): Promise<DroppedItems> {
  const lists = await Promise.all(
    entries.map(async (entry) => {
      const files: DroppedFile[] = [];
      if (entry) await addEntry(entry, files);
      return files;
    }),
  );
  return { directories: [], files: lists.flat() };
}

async function addEntry(entry: FileSystemEntry, files: DroppedFile[]): Promise<void> {
  // The older entries API: callbacks, and directories answer in portions until one is empty.
  if (isFileEntry(entry)) {
    const file = await new Promise<File>((resolve, reject) =>
      entry.file(resolve, (cause) => reject(unreadable(entry.name, cause))),
    );
    files.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  if (!isDirectoryEntry(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, (cause) => reject(unreadable(entry.name, cause))),
    );
    if (portion.length === 0) return;
    for (const child of portion) await addEntry(child, files);
  }
}

async function listHandles(directory: FileSystemDirectoryHandle): Promise<FileSystemHandle[]> {
  const handles: FileSystemHandle[] = [];
  try {
    for await (const handle of directory.values()) handles.push(handle);
  } catch (cause) {
    throw unreadable(directory.name, cause);
  }
  return handles;
}

async function readFile(handle: FileSystemFileHandle): Promise<File> {
  try {
    return await handle.getFile();
  } catch (cause) {
    throw unreadable(handle.name, cause);
  }
}

function unreadable(name: string, cause: unknown): StudioError {
  return new StudioError('bad-input', `${name} is no longer there or may not be read; check it and drop it again.`, {
    cause,
  });
}

function isDirectory(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === 'directory';
}

function isFile(handle: FileSystemHandle): handle is FileSystemFileHandle {
  return handle.kind === 'file';
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectoryEntry(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
