import { describe, expect, it } from 'vitest';
import type { Split } from '../../domain/split';
import { patientKey } from './patient-key';
import { stratifiedSplit } from './stratified-split';

function singles(className: string, count: number) {
  return Array.from({ length: count }, (_, i) => ({ path: `${className}/${i}.png`, className }));
}

function count(files: { className: string }[], splits: Split[], className: string) {
  const of = (split: Split) => files.filter((file, i) => file.className === className && splits[i] === split).length;
  return [of('train'), of('validation'), of('test')];
}

describe('stratifiedSplit', () => {
  it('keeps 80/10/10 in every class', () => {
    const files = [...singles('a', 100), ...singles('b', 33), ...singles('c', 7)];
    const splits = stratifiedSplit(files, 1);
    expect(count(files, splits, 'a')).toEqual([80, 10, 10]);
    expect(count(files, splits, 'b')).toEqual([27, 3, 3]);
    expect(count(files, splits, 'c')).toEqual([5, 1, 1]);
  });

  it('gives three images one split each, and fewer to training', () => {
    const files = [...singles('a', 3), ...singles('b', 2), ...singles('c', 1)];
    const splits = stratifiedSplit(files, 5);
    expect(count(files, splits, 'a')).toEqual([1, 1, 1]);
    expect(count(files, splits, 'b')).toEqual([2, 0, 0]);
    expect(count(files, splits, 'c')).toEqual([1, 0, 0]);
  });

  it('keeps a patient in one split, also across classes', () => {
    const files = Array.from({ length: 400 }, (_, i) => ({
      path: `${i % 3 ? 'a' : 'b'}/0000${1000 + ((i * i) % 97)}_${String(i).padStart(3, '0')}.png`,
      className: i % 3 ? 'a' : 'b',
    }));
    const splits = stratifiedSplit(files, 1);
    const splitOf = new Map<string, Split>();
    for (const [i, { path }] of files.entries()) {
      const key = patientKey(path);
      expect(splitOf.get(key) ?? splits[i]).toBe(splits[i]);
      splitOf.set(key, splits[i]);
    }
    for (const className of ['a', 'b']) {
      const [train, validation, test] = count(files, splits, className);
      const total = train + validation + test;
      expect(train / total).toBeGreaterThan(0.72);
      expect(validation).toBeGreaterThan(0.05 * total);
      expect(test).toBeGreaterThan(0.05 * total);
    }
  });

  it('holds out a small patient when one has nearly everything', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      path: `a/00000001_${String(i).padStart(3, '0')}.png`,
      className: 'a',
    }));
    const files = [...many, ...singles('a', 2)];
    expect(count(files, stratifiedSplit(files, 3), 'a')).toEqual([30, 1, 1]);
  });

  it('is the same for the same seed and another for another', () => {
    const files = singles('a', 50);
    expect(stratifiedSplit(files, 1)).toEqual(stratifiedSplit(files, 1));
    expect(stratifiedSplit(files, 1)).not.toEqual(stratifiedSplit(files, 2));
  });

  it('deals a hundred thousand files in seconds', () => {
    const files = [...singles('a', 60_000), ...singles('b', 40_000)];
    const startedMs = performance.now();
    const splits = stratifiedSplit(files, 1);
    expect(count(files, splits, 'a')).toEqual([48_000, 6_000, 6_000]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
