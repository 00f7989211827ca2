import { expect, it } from 'vitest';
import { shortened } from './shortened';

it('keeps a text that is short enough, and the beginning of a longer one', () => {
  expect(shortened('abc', 3)).toBe('abc');
  expect(shortened('abcd', 3)).toBe('abc…');
  expect(shortened('')).toBe('');
});
