import { describe, expect, it } from 'vitest';
import type { DatasetSummary } from './dataset';
import { checkNumber, checkRecipe, notebookRecipe } from './recipe';

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
    });
  });
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
});
