import { expect, it } from 'vitest';
import { PixelCache } from './pixel-cache';

it('forgets what was used longest ago, and only as much as it must', () => {
  const cache = new PixelCache(10);
  cache.put('a', new Uint8Array(4));
  cache.put('b', new Uint8Array(4));
  cache.get('a');
  cache.put('c', new Uint8Array(4));
  expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
  expect(cache.usedBytes).toBe(8);
});

it('does not keep what exceeds the budget by itself', () => {
  const cache = new PixelCache(10);
  cache.put('a', new Uint8Array(4));
  cache.put('a', new Uint8Array(11));
  expect(cache.get('a')).toBeUndefined();
  expect(cache.usedBytes).toBe(0);
});
