import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { DatasetSummary } from './dataset';
import { checkNumber, checkRecipe, notebookRecipe, type Recipe, RecipeSchema } from './recipe';

const dataset: DatasetSummary = {
  id: 'd',
  name: 'd',
  synthetic: false,
  layout: 'class-folders',
  classNames: ['A', 'B'],
  classCounts: [
    { train: 20, validation: 0, test: 0 },
    { train: 20, validation: 0, test: 0 },
  ],
  problems: [],
};

describe('the notebook’s recipe', () => {
  it.each([
    ['baseline', 224, { kind: 'adam', learningRate: 2e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    ['vgg16', 224, { kind: 'adam', learningRate: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    ['inceptionv3', 299, { kind: 'adam', learningRate: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }],
    ['densenet121', 224, { kind: 'sgd', learningRate: 1e-3, momentum: 0 }],
  ] as const)('is the default of every field: %s', (network, inputSize, optimizer) => {
    expect(notebookRecipe(network)).toEqual({
      network,
      epochs: 15,
      batchSize: 32,
      inputSize,
      seed: 1,
      interpolation: 'nearest',
      optimizer,
      augmentation: {
        rotationDegrees: 25,
        heightShift: 0.3,
        widthShift: 0.3,
        zoom: 0.2,
        horizontalFlip: true,
        noiseDeviation: 50,
        clip: false,
      },
      startFromRandomWeights: false,
      frozenBatchNorm: 'loaded',
      checkpoints: { everyEpochs: 1, everyMinutes: 10 },
    });
  });
});

it('a stored recipe of before is kept after every epoch and every 10 minutes', () => {
  const { checkpoints, ...before } = notebookRecipe('baseline');
  expect(v.parse(RecipeSchema, before)).toEqual({ ...before, checkpoints });
});

describe('checkNumber', () => {
  it.each([
    [0, 'Epochs must be between 1 and 1,000; 0 is outside.'],
    [1e9, 'Epochs must be between 1 and 1,000; 1000000000 is outside.'],
    [1.5, 'Epochs must be a whole number between 1 and 1,000.'],
    [null, 'Epochs must be a number between 1 and 1,000.'],
  ])('%s epochs', (value, sentence) => {
    expect(checkNumber('epochs', value)).toEqual({ field: 'epochs', sentence });
  });

  it('does not round small bounds away', () => {
    expect(checkNumber('learningRate', 0)?.sentence).toBe('Learning rate must be between 1e-10 and 10; 0 is outside.');
  });
});

describe('checkRecipe', () => {
  it('accepts the notebook’s recipe', () => {
    expect(checkRecipe(notebookRecipe('densenet121'), dataset)).toEqual([]);
  });

  it('names a batch larger than the set and an input the network cannot take', () => {
    const recipe = { ...notebookRecipe('inceptionv3'), batchSize: 64, inputSize: 64 };
    expect(checkRecipe(recipe, dataset)).toEqual([
      { field: 'inputSize', sentence: 'Input size must be at least 75 pixels for InceptionV3; 64 is too small.' },
      {
        field: 'batchSize',
        sentence: 'Batch size 64 is larger than the training set of 40 images; choose 40 or less.',
      },
    ]);
  });

  const sentences = (change: Partial<Recipe>, on = dataset) =>
    checkRecipe({ ...notebookRecipe('baseline'), ...change }, on).map(({ field, sentence }) => `${field}: ${sentence}`);
  const validated = { ...dataset, classCounts: [20, 20].map((train) => ({ train, validation: 2, test: 0 })) };
  const own = (...weights: [string, number][]): Partial<Recipe> => ({
    classWeights: { kind: 'own', weights: weights.map(([className, weight]) => ({ className, weight })) },
  });

  it('wants a whole patience, and validation images to watch', () => {
    expect(sentences({ earlyStopping: { patience: 3 } }, validated)).toEqual([]);
    expect(sentences({ earlyStopping: { patience: 0 } }, validated)).toEqual([
      'patience: Early stopping patience must be between 1 and 1,000; 0 is outside.',
    ]);
    expect(sentences({ earlyStopping: { patience: 3 } })).toEqual([
      'patience: Early stopping watches the validation loss, and d has no validation images. Leave it off.',
    ]);
  });

  it('wants class weights for the classes of the dataset, each within its bounds', () => {
    expect(sentences(own(['B', 2], ['A', 0.5]))).toEqual([]);
    expect(sentences(own(['A', 2], ['C', 0.5]))).toEqual([
      'classWeights: The class weights are those of A, C, and the classes are A, B. Choose the class weights anew.',
    ]);
    expect(sentences(own(['A', 0], ['B', Number.NaN]))).toEqual([
      'classWeight: Weight of A must be between 0.001 and 1,000; 0 is outside.',
      'classWeight: Weight of B must be a number between 0.001 and 1,000.',
    ]);
  });

  it('balances no class that has no training image', () => {
    const [first] = dataset.classCounts;
    const lacking = {
      ...dataset,
      classCounts: [
        { ...first, train: 40 },
        { ...first, train: 0 },
      ],
    };
    const without = 'images of every class in the training split, and there is none of B.';
    expect(sentences({ sampling: 'balanced', classWeights: { kind: 'balanced' } }, lacking)).toEqual([
      `sampling: Balanced sampling needs ${without}`,
      `classWeights: Balanced class weights need ${without}`,
    ]);
    expect(sentences({ sampling: 'balanced', classWeights: { kind: 'balanced' } })).toEqual([]);
  });
});
