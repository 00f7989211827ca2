import { expect, it } from 'vitest';
import { notebookRecipe } from './recipe';
import { parseRunRecord } from './run';
import { testRecord } from './run-test-kit';

const OLDEST = testRecord({ recipe: { ...notebookRecipe('vgg16'), epochs: 0 }, weightsOrigin: 'file' });

it('reads a record of before files’ names were kept, and one with a name', () => {
  expect(parseRunRecord(OLDEST)).toEqual(OLDEST);
  expect(parseRunRecord({ ...OLDEST, sourceFile: 'trained.h5' }).sourceFile).toBe('trained.h5');
});
