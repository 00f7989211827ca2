import { expect, it } from 'vitest';
import { notebookRecipe } from './recipe';
import { parseRunRecord, type RunRecord } from './run';

const OLDEST: RunRecord = {
  schemaVersion: 1,
  id: 'run-1',
  createdAt: 1,
  recipe: { ...notebookRecipe('vgg16'), epochs: 0 },
  dataset: {
    id: 'd',
    name: 'd',
    synthetic: false,
    classNames: ['A', 'B'],
    counts: { train: 1, validation: 1, test: 1 },
  },
  weightsOrigin: 'file',
  gpu: 'Test',
  parameterCount: 1,
  trainableParameterCount: 1,
  status: 'finished',
  epochs: [],
  timeMs: 0,
  bestEpoch: null,
  test: { last: null, best: null },
  failure: null,
};

it('reads a record of before files’ names were kept, and one with a name', () => {
  expect(parseRunRecord(OLDEST)).toEqual(OLDEST);
  expect(parseRunRecord({ ...OLDEST, sourceFile: 'trained.h5' }).sourceFile).toBe('trained.h5');
});
