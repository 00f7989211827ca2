import { expect, it } from 'vitest';
import { notebookRecipe } from '../domain/recipe';
import { DIVERGED_EPOCH, testRecord } from '../domain/run-test-kit';
import { ancestorWords, runName, stoppedEarlyWords, unkeptWords, weightsWords } from './run-words';

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

it('names the epochs whose weights could not be stored', () => {
  expect(unkeptWords({})).toBeNull();
  expect(unkeptWords({ unkeptEpochs: [4] })).toBe('The weights of epoch 4 could not be stored.');
  expect(unkeptWords({ unkeptEpochs: [3, 5, 6, 7, 9] })).toBe(
    'The weights of epochs 3, 5 to 7, 9 could not be stored.',
  );
});

it('says of which place the last weights are where that is not the end of the last epoch', () => {
  const run = testRecord({ epochs: [DIVERGED_EPOCH, DIVERGED_EPOCH] });
  expect(weightsWords(run, 'last')).toBe('last weights');
  expect(weightsWords({ ...run, lastKept: { epoch: 2, step: 0 } }, 'last')).toBe('last weights');
  expect(weightsWords({ ...run, lastKept: { epoch: 1, step: 0 } }, 'last')).toBe('last weights, after epoch 1');
  const within = { ...run, lastKept: { epoch: 2, step: 30 } };
  expect(weightsWords(within, 'last')).toBe('last weights, after batch 30 of epoch 3');
  expect(weightsWords(within, 'best')).toBe('best weights');
});
