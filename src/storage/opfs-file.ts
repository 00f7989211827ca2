/**
 * @file Files of the origin-private file system, written whole or not at all.
 *
 * Only dedicated workers may use this: synchronous access handles exist nowhere else. A file is written under a
 * temporary name, flushed, and renamed, so that a name without the temporary ending always means a complete file.
 */

import { StudioError } from '../domain/failure';
import { gatherPieces } from './gather-pieces';

/** Ends the name of a file that is being written, or whose writing was interrupted. */
export const TEMPORARY_ENDING = '.part';
const LEAST_WRITE_BYTES = 2 ** 20;

/** Missing from TypeScript's DOM library: it stands in the worker library, which cannot be loaded beside it. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(sizeBytes: number): void;
  flush(): void;
  close(): void;
}

interface OpfsFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
  move(newName: string): Promise<void>;
}

/**
 * Writes `pieces` one after another as they come and gives the result its name, replacing any file of that name.
 * When anything fails, also in `pieces`, the temporary file is removed and a file of that name is as it was.
 * @param subject what is being stored, for the sentence: "The checkpoint of run 7"
 * @returns the number of bytes written
 * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
 */
export async function writeWholeFile(
  directory: FileSystemDirectoryHandle,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  subject: string,
): Promise<number> {
  const temporaryName = name + TEMPORARY_ENDING;
  try {
    const handle = await guard(subject, async () => {
      return (await directory.getFileHandle(temporaryName, { create: true })) as OpfsFileHandle;
    });
    const writtenBytes = await fill(handle, 0, pieces, subject);
    await guard(subject, () => handle.move(name));
    return writtenBytes;
  } catch (error) {
    await removeQuietly(directory, temporaryName);
    throw error;
  }
}

/** Writes a text as {@link writeWholeFile} does. */
export async function writeText(
  directory: FileSystemDirectoryHandle,
  name: string,
  text: string,
  subject: string,
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await writeWholeFile(directory, name, once(bytes), subject);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Writes `pieces` from byte `at` on, making the file where there is none; what it held from there on is dropped. Whatever
 * fails, the pieces written until then stay: for what can be gone on with later.
 * @throws {StudioError} `storage` when the disk is full or the browser refuses; what `pieces` throws passes through.
 */
export async function appendToFile(
  directory: FileSystemDirectoryHandle,
  name: string,
  at: number,
  pieces: AsyncIterable<Uint8Array>,
  subject: string,
): Promise<void> {
  const handle = await guard(subject, async () => {
    return (await directory.getFileHandle(name, { create: true })) as OpfsFileHandle;
  });
  await fill(handle, at, pieces, subject);
}

/** Gives a file another name, replacing any file of that name. */
export async function renameFile(
  directory: FileSystemDirectoryHandle,
  name: string,
  newName: string,
  subject: string,
): Promise<void> {
  await guard(subject, async () => ((await directory.getFileHandle(name)) as OpfsFileHandle).move(newName));
}

/** The file's present contents, or null when there is none. @throws {StudioError} `storage` when the browser refuses. */
export async function openFile(directory: FileSystemDirectoryHandle, name: string): Promise<File | null> {
  try {
    return await (await directory.getFileHandle(name)).getFile();
  } catch (error) {
    if (isNotFound(error)) return null;
    throw refusal(`The stored file ${name} could not be read`, error);
  }
}

/** The directory, or null when there is none. @throws {StudioError} `storage` when the browser refuses. */
export async function openDirectory(
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await parent.getDirectoryHandle(name);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw refusal(`The stored folder ${name} could not be read`, error);
  }
}

/**
 * The directory, made where there is none.
 * @throws {StudioError} `storage` when the browser refuses.
 */
export async function makeDirectory(
  parent: FileSystemDirectoryHandle,
  name: string,
  subject: string,
): Promise<FileSystemDirectoryHandle> {
  return guard(subject, () => parent.getDirectoryHandle(name, { create: true }));
}

/** A directory at the top of the origin-private file system. @throws {StudioError} `storage` when the browser refuses. */
export async function openTopDirectory(name: string): Promise<FileSystemDirectoryHandle> {
  return guard('What Thorax makes', async () => {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(name, { create: true });
  });
}

/** The names in a directory, listed before use so that the directory may be changed meanwhile. */
export async function listNames(directory: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of directory.keys()) names.push(name);
  return names;
}

/** Removes a leftover; a failure only means that it stays until the next time. */
export async function removeQuietly(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  await directory.removeEntry(name).catch(() => undefined);
}

/** True for the browser's error that a file or directory does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}

/** True for a refusal because the disk, or the browser's share of it, is full. */
export function isFullDisk(error: unknown): boolean {
  return (
    error instanceof StudioError && error.cause instanceof DOMException && error.cause.name === 'QuotaExceededError'
  );
}

async function fill(
  handle: OpfsFileHandle,
  start: number,
  pieces: AsyncIterable<Uint8Array>,
  subject: string,
): Promise<number> {
  const access = await guard(subject, () => handle.createSyncAccessHandle());
  try {
    await guard(subject, async () => access.truncate(start));
    let at = start;
    for await (const piece of gatherPieces(pieces, LEAST_WRITE_BYTES)) {
      await guard(subject, async () => {
        const written = access.write(piece, { at });
        // Some browsers write as much as fits and do not throw.
        if (written !== piece.byteLength) {
          throw new DOMException(`Wrote ${written} of ${piece.byteLength} bytes at ${at}`, 'QuotaExceededError');
        }
      });
      at += piece.byteLength;
    }
    await guard(subject, async () => access.flush());
    return at - start;
  } finally {
    access.close();
  }
}

/** @param subject what is being stored; what the browser throws becomes a sentence about it. */
async function guard<T>(subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw refusal(`${subject} could not be stored`, cause);
  }
}

/** @param what the first half of the sentence, for example "The checkpoint of run 7 could not be stored" */
export function refusal(what: string, cause: unknown): StudioError {
  return new StudioError('storage', `${what}: ${explainRefusal(cause)}`, { cause });
}

/** Why the browser refused and what to do. Its own words, made for programmers, are left to the cause. */
function explainRefusal(cause: unknown): string {
  switch (cause instanceof DOMException ? cause.name : '') {
    case 'QuotaExceededError':
      return 'the disk, or the share of it that the browser grants, is full. Free some space or delete old runs, then try again.';
    case 'NoModificationAllowedError':
      return 'the file is in use by another tab of the studio. Wait until that tab is done or close it, then try again.';
    case 'NotFoundError':
      return 'it was removed meanwhile, by another tab of the studio or by clearing the site’s data. Reload the page.';
    case 'InvalidStateError':
    case 'NotReadableError':
      return 'the file was changed while it was in use, perhaps by another tab of the studio. Try again.';
    case 'SecurityError':
    case 'NotAllowedError':
      return 'the browser lets this page store nothing. Private windows often do not; open the studio in a normal one.';
    default:
      return 'the browser’s storage does not work. Free some space and restart the browser, then try again.';
  }
}
