/** @file Turns the file system's errors into sentences for the person. */

import { StudioError } from '../../domain/failure';

/** True for errors of reading a file that the disk or a missing permission causes. */
export function isReadFailure(error: unknown): boolean {
  return error instanceof DOMException && ['NotFoundError', 'NotReadableError', 'NotAllowedError'].includes(error.name);
}

/** The sentence for a folder or a list file that cannot be read; any other error is passed through. */
export function readFailure(subject: string, error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  return new StudioError('bad-input', `${subject} ${adviceFor(error.name)}`, { cause: error });
}

function adviceFor(name: string): string {
  if (name === 'NotFoundError') return 'is no longer there; put it back or drop the folder from where it is now.';
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    return 'may not be read; drop the folder again and allow the browser to read it.';
  }
  return 'cannot be read from disk; check that the disk is connected and that you may read it, then drop the folder again.';
}
