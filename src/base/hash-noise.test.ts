import { describe, expect, it } from 'vitest';
import { hashNormal } from './hash-noise';

describe('hashNormal', () => {
  it('gives the same number for the same seed and index, whichever way the seed is signed', () => {
    expect(hashNormal(-1, 5)).toBe(hashNormal(0xffffffff, 5));
    expect(hashNormal(1, 5)).not.toBe(hashNormal(2, 5));
    expect(hashNormal(1, 5)).not.toBe(hashNormal(1, 6));
  });

  it('is standard normal and unrelated between neighbours and between seeds', () => {
    const count = 50_000;
    const draws = Array.from({ length: count }, (_, i) => hashNormal(7, i));
    const others = Array.from({ length: count }, (_, i) => hashNormal(8, i));
    const mean = (numbers: number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
    expect(Math.abs(mean(draws))).toBeLessThan(0.02);
    expect(Math.abs(mean(draws.map((x) => x * x)) - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean(draws.map((x) => x ** 4)) - 3)).toBeLessThan(0.2);
    expect(Math.abs(mean(draws.slice(1).map((x, i) => x * draws[i])))).toBeLessThan(0.02);
    expect(Math.abs(mean(draws.map((x, i) => x * others[i])))).toBeLessThan(0.02);
  });
});
