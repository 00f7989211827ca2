import { describe, expect, it } from 'vitest';
import { accuracyOf, countCorrect, predictedClass } from './accuracy';

const predictions = [
  { path: 'a.png', classIndex: 0, probabilities: [0.7, 0.2, 0.1] },
  { path: 'b.png', classIndex: 1, probabilities: [0.5, 0.5, 0] },
  { path: 'c.png', classIndex: 2, probabilities: [0.1, 0.2, 0.7] },
  { path: 'd.png', classIndex: 2, probabilities: [0.1, 0.8, 0.1] },
];

describe('accuracy', () => {
  it('takes the first of equal probabilities', () => {
    expect(predictedClass([0.5, 0.5, 0])).toBe(0);
  });

  it('counts what is right', () => {
    expect(countCorrect(predictions)).toBe(2);
    expect(accuracyOf(predictions)).toBe(0.5);
  });

  it('is 0 for an empty split', () => {
    expect(accuracyOf([])).toBe(0);
  });
});
