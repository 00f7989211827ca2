import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import { everyKind } from '../architectures/every-kind-test-kit';
import { notebookRecipe } from '../domain/recipe';
import { type Collapse, collapseSentence, guessLoss, settlingEpochs } from './collapse';

const recipe = notebookRecipe('baseline');
const oneClass: Collapse = { sign: 'oneClass', epochs: 5, classIndex: 1 };
const flat: Collapse = { sign: 'flatLoss', epochs: 6, loss: 1.11, firstLoss: 4.2, guessLoss: Math.log(3) };
const say = (collapse: Collapse, counts = [10, 10], change = {}) =>
  collapseSentence(collapse, { ...recipe, ...change }, ['COVID', 'HEALTHY'], counts);

describe('the sentence of a collapse', () => {
  it('names the class and what to change', () => {
    expect(say(oneClass)).toBe(
      'For 5 epochs all validation images have been predicted as one class, now HEALTHY. Choose a learning rate lower than 0.0002, for example 0.00002; where the training loss has hardly fallen, a higher one.',
    );
  });

  it('speaks of uneven classes where nothing makes up for them', () => {
    const advice = /balanced sampling or class weights/;
    expect(say(oneClass, [30, 10])).toMatch(advice);
    expect(say(oneClass, [14, 10])).not.toMatch(advice);
    expect(say(oneClass, [14, 0, 10])).not.toMatch(advice);
    expect(say(oneClass, [30, 10], { sampling: 'balanced' })).not.toMatch(advice);
    expect(say(oneClass, [30, 10], { classWeights: { kind: 'balanced' } })).not.toMatch(advice);
  });

  it('tells a loss that fell and stuck from one that never moved', () => {
    expect(say(flat)).toMatch(
      /^For 6 epochs the training loss has been no better than guessing: it is 1\.110, and .* gives 1\.099\. .* lower than 0\.0002, for example 0\.00002\./,
    );
    expect(say({ ...flat, firstLoss: 1.12 })).toMatch(/hardly moved: .* higher than 0\.0002, for example 0\.002;/);
  });
});

describe('the loss of guessing', () => {
  it('is the entropy of the classes as they are drawn', () => {
    expect(guessLoss([5, 5, 5], undefined, null)).toBeCloseTo(Math.log(3), 10);
    expect(guessLoss([9, 1], undefined, null)).toBeCloseTo(-0.9 * Math.log(0.9) - 0.1 * Math.log(0.1), 10);
    expect(guessLoss([9, 1], 'balanced', null)).toBeCloseTo(Math.log(2), 10);
    expect(guessLoss([4, 0], undefined, null)).toBe(0);
  });

  it('is weighted as the training loss is: no constant prediction does better', () => {
    const [counts, weights] = [
      [6, 3, 1],
      [0.5, 1, 4],
    ];
    const least = guessLoss(counts, undefined, weights);
    let lowest = Number.POSITIVE_INFINITY;
    for (let p = 0.01; p < 1; p += 0.01) {
      for (let q = 0.01; p + q < 1; q += 0.01) {
        const loss = [p, q, 1 - p - q].reduce(
          (sum, share, i) => sum - (counts[i] / 10) * weights[i] * Math.log(share),
          0,
        );
        lowest = Math.min(lowest, loss);
      }
    }
    expect(lowest).toBeGreaterThanOrEqual(least - 1e-9);
    expect(lowest).toBeCloseTo(least, 3);
    // Balanced weights make every class count the same.
    expect(guessLoss([6, 3, 1], undefined, [10 / 18, 10 / 9, 10 / 3])).toBeCloseTo(Math.log(3), 10);
  });
});

it('a network settles for 300 steps where it learns BatchNorm’s statistics', () => {
  expect(settlingEpochs(buildNetwork('densenet121', 32, 3), 11)).toBe(28);
  expect(settlingEpochs(buildNetwork('vgg16', 32, 3), 11)).toBe(0);
  expect(
    settlingEpochs(
      everyKind(() => true),
      11,
    ),
  ).toBe(0);
});
