/** @file Texts that readers and screens go wrong on. */

import * as fc from 'fast-check';

const WORDS = [
  '',
  ' ',
  '.',
  '..',
  '../..',
  '/',
  '\\',
  '//',
  'a'.repeat(300),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '[object Object]',
  '0',
  '-1',
  '1e999',
  '\u0000',
  '\uFEFF',
  '\uD800',
  '\u202E gnp.txt',
  'e\u0301'.repeat(20),
  '\u{1F9EC}'.repeat(20),
  '<img src=x onerror=alert(1)>',
  '%00%2e%2e%2f',
  'con',
  'file:///etc/passwd',
  'C:\\Windows\\win.ini',
  '\n\n\r',
  '"',
  "'",
  ',',
];

export const hostileWord: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }).map((length) => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map((depth) => 'a/'.repeat(depth)) },
);
