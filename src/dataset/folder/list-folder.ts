/**
 * @file Every file below a dropped folder, by relative path, without reading any of them.
 */

import type { DatasetSource } from '../../domain/protocol';
import { readFailure } from './read-failure';

/** A file that can be opened later; holds no bytes. */
export interface FileEntry {
  path: string;
  source: FileSystemFileHandle | File;
}

export interface FolderListing {
  files: FileEntry[];
  /** Folders without any file in them, hidden ones aside. */
  emptyFolders: string[];
}

/**
 * @param onListed receives the number of files found so far, after every folder.
 * @throws {StudioError} `bad-input` naming the folder that is gone or may not be read; the signal's reason.
 */
export async function listFolder(
  source: DatasetSource,
  onListed: (count: number) => void,
  signal: AbortSignal,
): Promise<FolderListing> {
  if (source.kind === 'files') return listFiles(source.files);
  const listing: FolderListing = { files: [], emptyFolders: [] };
  const alone = source.handles.length === 1;
  for (const handle of source.handles) {
    await walk(handle, alone ? '' : `${handle.name}/`, listing, onListed, signal);
  }
  return listing;
}

/** Opens a listed file. @throws {DOMException} when a file of a directory handle is gone or may not be read. */
export function openEntry({ source }: FileEntry): Promise<File> {
  return source instanceof File ? Promise.resolve(source) : source.getFile();
}

function listFiles(files: { path: string; file: File }[]): FolderListing {
  const entries = files.map(({ path, file }) => ({ path: path.replace(/^(\.?\/)+/, ''), source: file }));
  return { files: entries.filter(({ path }) => !isHidden(path)), emptyFolders: [] };
}

async function walk(
  directory: FileSystemDirectoryHandle,
  prefix: string,
  listing: FolderListing,
  onListed: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const folders: FileSystemDirectoryHandle[] = [];
  const before = listing.files.length;
  try {
    for await (const handle of directory.values()) {
      signal.throwIfAborted();
      if (isHidden(handle.name)) continue;
      if (isFile(handle)) listing.files.push({ path: prefix + handle.name, source: handle });
      else if (isDirectory(handle)) folders.push(handle);
    }
  } catch (error) {
    throw readFailure(`The folder "${prefix === '' ? directory.name : prefix.slice(0, -1)}"`, error);
  }
  if (folders.length === 0 && listing.files.length === before) listing.emptyFolders.push(prefix.slice(0, -1));
  onListed(listing.files.length);
  for (const folder of folders) await walk(folder, `${prefix}${folder.name}/`, listing, onListed, signal);
}

function isFile(handle: FileSystemHandle): handle is FileSystemFileHandle {
  return handle.kind === 'file';
}

function isDirectory(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === 'directory';
}

const SYSTEM_NAMES = new Set([
  'thumbs.db',
  'desktop.ini',
  '__macosx',
  '@eadir',
  '$recycle.bin',
  'system volume information',
]);

/** True for dot files and for the bookkeeping files of operating systems and archives, at any depth. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || SYSTEM_NAMES.has(part.toLowerCase()));
}
