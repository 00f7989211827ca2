import { expect, it } from 'vitest';
import { encodeExactJson, parseExactJson } from './exact-json';

it('gives back numbers that are not finite, nested', () => {
  const value = {
    loss: Number.NaN,
    list: [1, Number.POSITIVE_INFINITY, null],
    inner: { low: Number.NEGATIVE_INFINITY },
  };
  expect(parseExactJson(encodeExactJson(value))).toEqual(value);
});

it('writes equal text for equal values, whatever the order of their fields', () => {
  expect(encodeExactJson({ b: 1, a: { d: 2, c: undefined } })).toBe(encodeExactJson({ a: { d: 2 }, b: 1 }));
});

it('refuses what would be lost', () => {
  const ring: Record<string, unknown> = {};
  ring.self = ring;
  for (const value of [new Date(), [undefined], 1n, () => 1, new Uint8Array(1), new Map(), ring, { $number: 'NaN' }]) {
    expect(() => encodeExactJson({ value })).toThrow(TypeError);
  }
  const twice = { a: 1 };
  expect(encodeExactJson([twice, twice])).toBe('[{"a":1},{"a":1}]');
});

it('refuses text that it does not write', () => {
  for (const text of ['{', '{"$number":"1"}', '{"$number":"constructor"}', '{"$number":{}}']) {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  }
});

it('a field named __proto__ stays a field', () => {
  const parsed = parseExactJson('{"__proto__":{"polluted":true}}');
  expect((parsed as { polluted?: boolean }).polluted).toBeUndefined();
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
