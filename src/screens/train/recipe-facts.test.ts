import { expect, it } from 'vitest';
import { notebookRecipe } from '../../domain/recipe';
import { recipeFacts } from './recipe-facts';

it('says nothing of the notebook’s recipe, and every change of it', () => {
  const vgg16 = notebookRecipe('vgg16');
  expect(recipeFacts(vgg16)).toEqual([]);
  const changed = {
    ...vgg16,
    epochs: 1,
    inputSize: 64,
    batchSize: 8,
    seed: 7,
    startFromRandomWeights: true,
    interpolation: 'bilinear' as const,
    optimizer: { kind: 'sgd' as const, learningRate: 1e-6, momentum: 0.9 },
    augmentation: { ...vgg16.augmentation, rotationDegrees: 0, horizontalFlip: false, clip: true },
    earlyStopping: { patience: 3 },
    classWeights: { kind: 'own' as const, weights: [{ className: 'COVID', weight: 2 }] },
    sampling: 'balanced' as const,
  };
  expect(recipeFacts(changed)).toEqual([
    '1 epoch',
    '64 px',
    'batch 8',
    'seed 7',
    'random weights',
    'bilinear scaling',
    'SGD',
    'momentum 0.9',
    'rotation 0',
    'no flip',
    'clipped after the noise',
    'early stopping with patience 3',
    'class weights COVID 2',
    'balanced sampling',
  ]);
});

it('speaks of balanced class weights', () => {
  expect(recipeFacts({ ...notebookRecipe('baseline'), classWeights: { kind: 'balanced' } })).toEqual([
    'balanced class weights',
  ]);
});

it('does not speak of random weights where there are no others', () => {
  expect(recipeFacts({ ...notebookRecipe('baseline'), startFromRandomWeights: true })).toEqual([]);
});
