import { describe, expect, it } from 'vitest';
import { decodeFloats } from './float-bytes';

describe('decodeFloats', () => {
  it('decodes halves: normal, subnormal, zero, infinite, not a number', () => {
    const halves = new Uint16Array([0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7bff, 0x7c00, 0xfc00, 0x7e00]);
    const [one, minusTwo, third, least, zero, most, ...rest] = decodeFloats(new Uint8Array(halves.buffer), 2);
    expect([one, minusTwo, least, most]).toEqual([1, -2, 2 ** -24, 65504]);
    expect(third).toBe(0.333251953125);
    expect(zero).toBe(-0);
    expect(rest).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
  });

  it('decodes singles and doubles at any byte offset', () => {
    const shifted = (bytes: Uint8Array) => new Uint8Array([9, ...bytes]).subarray(1);
    const numbers = [0.1, -3, 1e-40];
    const singles = Float32Array.from(numbers);
    expect(decodeFloats(shifted(new Uint8Array(singles.buffer)), 4)).toEqual(singles);
    expect(decodeFloats(shifted(new Uint8Array(Float64Array.from(numbers).buffer)), 8)).toEqual(singles);
  });
});
