/** @file Refuses a folder in which no file is an image, whatever its layout. */

import type { DatasetImage, DatasetProblem } from '../domain/dataset';
import { StudioError } from '../domain/failure';
import { readFailure } from './folder/read-failure';
import { inspectImage, recogniseFormat } from './images/formats';
import { SIGNATURE_BYTES } from './images/formats/format';
import { ImageFault } from './images/image-fault';
import { plural } from './layouts/layout';

/**
 * Inspects the labelled files in turn until one is a whole image of a format that is read. Nothing is decoded.
 * @param unopened What is known of files that could not be opened.
 * @throws {StudioError} `bad-input` with the first reason, when none is; the signal's reason.
 */
export async function requireImage(
  name: string,
  images: readonly DatasetImage[],
  readFile: (path: string) => Promise<File>,
  unopened: readonly DatasetProblem[],
  signal: AbortSignal,
  onLooked: (count: number) => void,
): Promise<void> {
  let first: string | null = null;
  for (const [i, { path }] of images.entries()) {
    signal.throwIfAborted();
    const fault = await findFault(path, readFile);
    if (fault === null) return;
    first ??= fault;
    onLooked(i + 1);
  }
  const problem = unopened.find(({ severity }) => severity === 'excluded');
  first ??= problem === undefined ? null : `${problem.path} ${problem.reason}`;
  const count = images.length + unopened.length;
  const what = `There is no image that can be used in "${name}", among ${plural(count, 'file')} looked at.`;
  throw new StudioError('bad-input', first === null ? what : `${what} The first: ${first}`);
}

/** Null for an image; else a sentence that begins with the file's name. */
async function findFault(path: string, readFile: (path: string) => Promise<File>): Promise<string | null> {
  try {
    const file = await readFile(path);
    // Most of what is no image is known by its beginning.
    recogniseFormat(new Uint8Array(await file.slice(0, SIGNATURE_BYTES).arrayBuffer()));
    inspectImage(new Uint8Array(await file.arrayBuffer()));
    return null;
  } catch (error) {
    if (error instanceof ImageFault) return `${path} ${error.message}`;
    const failure = readFailure(path, error);
    if (failure instanceof StudioError) return failure.message;
    throw failure;
  }
}
