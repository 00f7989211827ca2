/**
 * @file What may become of a hostile file: a value that is sound, or a sentence that names it. Anything else is a failure.
 */

import { StudioError } from '../domain/failure';

export type Outcome =
  | { kind: 'read' }
  | { kind: 'refused'; sentence: string }
  /** Reading led nowhere; the reader itself noticed, ended it and said so. */
  | { kind: 'given up'; sentence: string }
  | { kind: 'crash' | 'hang' | 'memory' | 'leftover'; what: string };

/** Longer than any list of layers that do not fit; more than a person would read. */
const MAX_SENTENCE = 20_001;

/**
 * Runs a reader on one file and judges what became of it.
 * @param read resolves when the file was read; throws an `Error` that is no {@link StudioError} when what it read is not sound.
 * @param names one of them has to stand in the sentence of a refusal.
 */
export async function judge(read: () => Promise<void>, names: readonly string[]): Promise<Outcome> {
  try {
    await read();
    return { kind: 'read' };
  } catch (error) {
    if (!(error instanceof StudioError)) return { kind: 'crash', what: described(error) };
    const fault = faultOf(error, names);
    if (fault !== null) return { kind: 'crash', what: `${fault}: ${error.code}: ${error.message.slice(0, 500)}` };
    const isGivenUp = error.message.includes('led nowhere');
    return { kind: isGivenUp ? 'given up' : 'refused', sentence: error.message };
  }
}

/** What is wrong with a refusal; null for a good one. */
function faultOf({ code, message }: StudioError, names: readonly string[]): string | null {
  if (code === 'unexpected') return 'a defect instead of a refusal';
  if (message.length > MAX_SENTENCE) return `a sentence of ${message.length} characters`;
  if (!/[.!?…]$/.test(message)) return 'no sentence';
  return names.some((name) => name !== '' && message.includes(name)) ? null : 'the sentence does not name the file';
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
