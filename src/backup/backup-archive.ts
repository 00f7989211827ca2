/**
 * @file An opened backup, a zip file or a folder: its manifest, held against what is there, and its entries as files on disk.
 *
 * In a zip file every entry must be stored as it is: then none can be larger than the file, and each is a slice of it.
 */

import type { BackupSource } from '../domain/backup';
import { StudioError } from '../domain/failure';
import { readZipDirectory, sliceZipEntry, type ZipEntry } from '../exchange/zip-directory';
import { type BackupManifest, type PlacedEntry, parseBackupManifest, refused, strangeEntry } from './backup-manifest';
import { readCheckedText } from './checked-pieces';
import { MANIFEST_PATH, parseEntryPath } from './entry-path';

export interface BackupArchive {
  /** Of the file or folder, for sentences. */
  name: string;
  manifest: BackupManifest;
  /** An entry as a file of the length that the manifest says; its checksum is not checked yet. */
  open(entry: PlacedEntry): Promise<File>;
}

/** Hundreds of thousands of entries. */
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;
const MAX_MANIFEST_BYTES = 64 * 2 ** 20;
const LOCAL_HEADER_BYTES = 30;

/**
 * Opens a backup and checks its structure; the checksums of its entries are checked as they are read.
 * @throws {StudioError} `bad-input`, with a sentence that names the entry, when it is none, cut short, or holds what no backup holds.
 */
export function openBackup(source: BackupSource): Promise<BackupArchive> {
  return source.kind === 'file' ? openZip(source.file) : openFolder(source.name, filesOf(source));
}

async function openZip(file: File): Promise<BackupArchive> {
  const { name } = file;
  const found = new Map<string, ZipEntry>();
  for (const entry of await readDirectory(file)) {
    if (parseEntryPath(entry.name) === null) throw strangeEntry(name, entry.name);
    if (found.has(entry.name)) throw refused(`${name} cannot be restored: it has two entries ${entry.name}.`);
    if (entry.method !== 'stored' || entry.compressedBytes !== entry.sizeBytes) {
      throw refused(
        `${name} cannot be restored: its ${entry.name} is compressed, so it was packed by another program. Unpack it and restore the folder.`,
      );
    }
    found.set(entry.name, entry);
  }
  checkOverlaps(name, [...found.values()]);
  const slice = async (entry: ZipEntry) => {
    const bytes = await sliceZipEntry(file, entry).catch((cause: unknown) => {
      throw refused(`${name}: its ${entry.name} is damaged or cut short.`, cause);
    });
    return new File([bytes], baseName(entry.name));
  };
  const listEntry = found.get(MANIFEST_PATH);
  if (!listEntry) throw refused(`${name} is no backup of Thorax: it has no ${MANIFEST_PATH}.`);
  const listed = { path: MANIFEST_PATH, sizeBytes: listEntry.sizeBytes, crc32: listEntry.crc32 };
  const manifest = parseBackupManifest(
    await readCheckedText(name, listed, await slice(listEntry), MAX_MANIFEST_BYTES),
    name,
  );
  for (const { path, sizeBytes, crc32 } of manifest.entries) {
    const entry = found.get(path);
    if (!entry) throw missing(name, path);
    if (entry.sizeBytes !== sizeBytes || entry.crc32 !== crc32) throw otherLength(name, path);
  }
  const listedPaths = new Set(manifest.entries.map(({ path }) => path));
  for (const path of found.keys()) {
    if (path !== MANIFEST_PATH && !listedPaths.has(path)) throw strangeEntry(name, path);
  }
  return {
    name,
    manifest,
    open: (entry) => {
      const inZip = found.get(entry.path);
      if (!inZip) throw missing(name, entry.path);
      return slice(inZip);
    },
  };
}

async function readDirectory(file: File): Promise<ZipEntry[]> {
  try {
    return await readZipDirectory(file, MAX_DIRECTORY_BYTES);
  } catch (cause) {
    if (!(cause instanceof StudioError)) throw cause;
    throw refused(`${file.name} is no backup of Thorax, or it is cut short or damaged: it cannot be unpacked.`, cause);
  }
}

/** Entries that share bytes would let a small file become a large one. */
function checkOverlaps(name: string, entries: ZipEntry[]): void {
  const ordered = entries.toSorted((a, b) => a.headerAt - b.headerAt);
  for (const [index, entry] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next && entry.headerAt + LOCAL_HEADER_BYTES + entry.compressedBytes > next.headerAt) {
      throw refused(`${name} cannot be restored: its entries ${entry.name} and ${next.name} lie over each other.`);
    }
  }
}

type OpenPath = (path: string) => Promise<File | null>;

async function openFolder(name: string, openPath: OpenPath): Promise<BackupArchive> {
  const list = await openPath(MANIFEST_PATH);
  if (!list) {
    throw refused(`${name} is no whole backup of Thorax: it has no ${MANIFEST_PATH}, which is written last.`);
  }
  if (list.size > MAX_MANIFEST_BYTES) throw refused(`${name} cannot be restored: its ${MANIFEST_PATH} is too long.`);
  const manifest = parseBackupManifest(await list.text(), name);
  const open = async ({ path, sizeBytes }: PlacedEntry) => {
    const file = await openPath(path);
    if (!file) throw missing(name, path);
    if (file.size !== sizeBytes) throw otherLength(name, path);
    return file;
  };
  // All are looked at before anything is restored.
  for (const entry of manifest.entries) await open(entry);
  return { name, manifest, open };
}

function filesOf(source: Exclude<BackupSource, { kind: 'file' }>): OpenPath {
  if (source.kind === 'folder') return (path) => openInFolder(source.handle, path);
  // A browser without handles gives the paths with the name of the folder in front.
  const files = new Map(source.files.map(({ path, file }) => [path.slice(path.indexOf('/') + 1), file]));
  return async (path) => files.get(path) ?? null;
}

async function openInFolder(folder: FileSystemDirectoryHandle, path: string): Promise<File | null> {
  const parts = path.split('/');
  const fileName = parts.pop() ?? '';
  try {
    let inner = folder;
    for (const part of parts) inner = await inner.getDirectoryHandle(part);
    return await (await inner.getFileHandle(fileName)).getFile();
  } catch (error) {
    if (error instanceof DOMException && (error.name === 'NotFoundError' || error.name === 'TypeMismatchError'))
      return null;
    throw refused(
      `${folder.name} could not be read: the browser was not allowed to, or ${path} was changed meanwhile.`,
      error,
    );
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function missing(name: string, path: string): StudioError {
  return refused(`${name} cannot be restored: its ${path} is missing.`);
}

function otherLength(name: string, path: string): StudioError {
  return refused(`${name} cannot be restored: its ${path} is not the one that was written, by its length or checksum.`);
}
