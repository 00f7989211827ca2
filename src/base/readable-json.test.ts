import { expect, it } from 'vitest';
import { toReadableJson } from './readable-json';

it('keeps what JSON has no notation for', () => {
  const text = toReadableJson({ losses: [0.5, Number.NaN, Number.NEGATIVE_INFINITY], bytes: 2n ** 60n, none: null });
  expect(JSON.parse(text)).toEqual({ losses: [0.5, 'NaN', '-Infinity'], bytes: '1152921504606846976', none: null });
});
