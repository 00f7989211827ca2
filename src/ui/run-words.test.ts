import { expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import { testRecord } from '../domain/run-test-kit';
import { ancestorWords, runName, stoppedEarlyWords } from './run-words';

const recipe = { ...notebookRecipe('vgg16'), epochs: 15 };
const parent = testRecord({ id: 'p', recipe, createdAt: Date.UTC(2026, 4, 1, 12) });

it('names a run by its network and its time, an imported one by its file too', () => {
  expect(runName(parent)).toMatch(/^VGG16 of May 1, 2026, .+$/);
  expect(runName({ ...parent, sourceFile: 'mine.keras' })).toMatch(/ \(mine\.keras\)$/);
});

it('says which epochs early stopping left out, and why', () => {
  expect(stoppedEarlyWords({ recipe })).toBeNull();
  expect(stoppedEarlyWords({ recipe, stoppedEarly: { epoch: 7, lowestEpoch: 4 } })).toBe(
    'stopped early after epoch 7 of 15: the validation loss was lowest in epoch 4',
  );
});

it('names the ancestor, its other datasets and a new optimizer', () => {
  const ancestor = { runId: 'p', weights: 'best' as const };
  expect(ancestorWords(ancestor, [parent], 'xray')).toBe(`trained further from ${runName(parent)}, best weights`);
  const otherDatasets = [
    { id: '1', name: 'films' },
    { id: '2', name: 'xray' },
  ];
  expect(ancestorWords({ ...ancestor, optimizer: 'anew', otherDatasets }, [], 'xray')).toBe(
    'trained further from a run that is deleted, best weights, which were trained on films, another state of xray, with a new optimizer',
  );
});
