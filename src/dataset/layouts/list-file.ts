/**
 * @file Reads the text of one list file: one path per line, optionally with a label behind it.
 */

export interface ListLine {
  /** Counted from 1. */
  number: number;
  /** `/` between parts, no leading `./` or `/`. */
  path: string;
}

/** Decodes a list by its byte order mark: UTF-8 unless it says UTF-16. */
export function decodeListText(bytes: Uint8Array): string {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  const big = bytes[0] === 0xfe && bytes[1] === 0xff;
  return new TextDecoder(little ? 'utf-16le' : big ? 'utf-16be' : 'utf-8').decode(bytes);
}

/**
 * Lines with something in them. Tolerates a byte order mark, any line ending, blank lines, spaces around the path,
 * quotes, backslashes, and leading `./` or `/`.
 */
export function parseListText(text: string): ListLine[] {
  const lines: ListLine[] = [];
  const rows = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [i, row] of rows.entries()) {
    const path = normalisePath(row);
    if (path !== '') lines.push({ number: i + 1, path });
  }
  return lines;
}

function normalisePath(row: string): string {
  const bare = row.trim().replace(/^"(.*)"$/, '$1');
  return bare
    .replaceAll('\\', '/')
    .replace(/\/{2,}/g, '/')
    .replace(/(^|\/)(\.\/)+/g, '$1')
    .replace(/^\/+/, '')
    .trim();
}

/** SPEC section 3 (a), third form: the number behind the path. */
const NUMBERED_CLASSES = ['HEALTHY', 'COVID', 'PNEUMONIA'];

/** A line read as `path label`, or null when it cannot be that; the label is a class name, or null for a wrong number. */
export function splitLabel(line: string): { path: string; label: string | null } | null {
  // From the end, not by a pattern that is tried at every character: a list may be one line of 200 KB.
  const digits = endOfRest(line, line.length, isDigit);
  const path = line.slice(0, endOfRest(line, digits, isSeparator));
  if (digits === line.length || path === '' || !isSeparator(line[digits - 1])) return null;
  return { path, label: NUMBERED_CLASSES[Number(line.slice(digits))] ?? null };
}

/** Where the characters that belong together at the end of `line.slice(0, end)` begin. */
function endOfRest(line: string, end: number, belongs: (character: string) => boolean): number {
  let start = end;
  while (start > 0 && belongs(line[start - 1])) start -= 1;
  return start;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

/** Between a path and its label; a quote closes the path. */
function isSeparator(character: string): boolean {
  return character === ',' || character === ';' || character === '"' || /\s/.test(character);
}
