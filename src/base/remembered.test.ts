import { expect, it, vi } from 'vitest';
import { remembered } from './remembered';

it('computes a result once, and again when too many others have been asked for since', () => {
  const make = vi.fn((name: string, count: number) => ({ name, count }));
  const ask = remembered(2, make);
  const first = ask('a', 1);
  expect(first).toEqual({ name: 'a', count: 1 });
  ask('a', 2);
  expect(ask('a', 1)).toBe(first);
  ask('b', 1);
  expect(make).toHaveBeenCalledTimes(3);
  expect(ask('a', 1)).toBe(first);
  ask('a', 2);
  expect(make).toHaveBeenCalledTimes(4);
});

it('keeps no result of a call that threw', () => {
  let calls = 0;
  const ask = remembered(2, (value: number) => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return value;
  });
  expect(() => ask(1)).toThrow('not yet');
  expect(ask(1)).toBe(1);
});
