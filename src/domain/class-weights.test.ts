import { expect, it } from 'vitest';
import { balancedWeights, resolveClassWeights } from './class-weights';

it('balanced weights are scikit-learn’s: images ÷ (classes × images of the class)', () => {
  // compute_class_weight('balanced', classes=[0, 1, 2], y=[0] * 6 + [1] * 3 + [2] * 3)
  expect(balancedWeights([6, 3, 3])).toEqual([12 / 18, 12 / 9, 12 / 9]);
  expect(balancedWeights([5, 5])).toEqual([1, 1]);
});

it('own weights go by the names of the classes', () => {
  const weights = [
    { className: 'B', weight: 2 },
    { className: 'A', weight: 0.5 },
  ];
  expect(resolveClassWeights({ kind: 'own', weights }, ['A', 'B'], [1, 1])).toEqual([0.5, 2]);
  expect(resolveClassWeights({ kind: 'balanced' }, ['A', 'B'], [3, 1])).toEqual([4 / 6, 2]);
  expect(resolveClassWeights(undefined, ['A', 'B'], [3, 1])).toBeNull();
});
