/**
 * @file A failure as plain data: what crosses a worker boundary and what a screen shows.
 *
 * `code` is for programs, `sentence` for the person (what was wrong, in which file or field, what to do), `cause` for a
 * bug report.
 */

import { shortened } from '../base/shortened';

export type FailureCode =
  | 'bad-input' // a field, a file or a folder the person can mend
  | 'missing-weights' // a transfer network without its pretrained file
  | 'bad-weights' // a weights file that does not fit or cannot be read
  | 'no-gpu' // no device that can compute
  | 'gpu-lost' // the device went away while in use
  | 'out-of-memory'
  | 'storage' // the disk is full, or the browser refused to store
  | 'busy' // something else is running
  | 'not-found'
  | 'cancelled' // the person ended it, or began something in its place
  | 'deleted' // the run that was going was deleted meanwhile
  | 'unexpected'; // a defect of Thorax

export interface Failure {
  code: FailureCode;
  sentence: string;
  cause: string | null;
}

/**
 * A sentence no longer than this, whatever the file that it is about holds: names of layers and paths may be of any length.
 * Lists of layers that do not fit are within it.
 */
const MOST_CHARACTERS = 20_000;

/** Thrown inside a module; becomes a {@link Failure} where it crosses a worker boundary. */
export class StudioError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, sentence: string, options?: { cause?: unknown }) {
    super(shortened(sentence, MOST_CHARACTERS), options);
    this.name = 'StudioError';
    this.code = code;
  }
}

/** Turns anything thrown into plain data; an unknown error keeps its own message as the cause. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StudioError) {
    return { code: error.code, sentence: error.message, cause: describeCause(error.cause) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'unexpected',
    sentence: `Something went wrong inside Thorax: ${message}`,
    cause: error instanceof Error ? (error.stack ?? message) : message,
  };
}

function describeCause(cause: unknown): string | null {
  if (cause === undefined || cause === null) return null;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

/** The outcome of a request that crossed a boundary: a value, or a failure as data. */
export type Reply<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Runs `work` and folds whatever it throws into the reply. */
export async function reply<T>(work: () => T | Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, failure: toFailure(error) };
  }
}

/** The value of a reply; throws a {@link StudioError} with the failure's code and sentence. */
export function unwrap<T>(outcome: Reply<T>): T {
  if (outcome.ok) return outcome.value;
  throw new StudioError(outcome.failure.code, outcome.failure.sentence, { cause: outcome.failure.cause });
}
