import { describe, expect, it } from 'vitest';
import { notebookRecipe } from './recipe';
import { DIVERGED_EPOCH, testRecord } from './run-test-kit';
import { describeUnreadable, parseRunRecord, parseStoredRun, readStoredRuns } from './stored-run';

const OLDEST = testRecord({ recipe: { ...notebookRecipe('vgg16'), epochs: 0 }, weightsOrigin: 'file' });

function predictions(...probabilities: number[][]) {
  return probabilities.map((row, i) => ({ path: `${i}.png`, classIndex: 0, probabilities: row }));
}

/** As version 1 stored it. */
function ofVersion1(test: { last: unknown; best: unknown }) {
  return { ...testRecord({ epochs: [DIVERGED_EPOCH] }), schemaVersion: 1, test };
}

it('reads a record from before file names were stored, and one with a name', () => {
  expect(parseRunRecord(OLDEST)).toEqual(OLDEST);
  expect(parseRunRecord({ ...OLDEST, sourceFile: 'trained.h5' }).sourceFile).toBe('trained.h5');
});

it('reads a record that early stopping ended, with what it learned from and what the alert said', () => {
  const record = testRecord({
    recipe: {
      ...notebookRecipe('vgg16'),
      earlyStopping: { patience: 3 },
      classWeights: { kind: 'own', weights: [{ className: 'A', weight: 2 }] },
      sampling: 'balanced',
    },
    stoppedEarly: { epoch: 7, lowestEpoch: 4 },
    collapse: 'For 5 epochs every validation image has been predicted as A.',
    ancestor: { runId: 'old', weights: 'best', optimizer: 'anew', otherDatasets: [{ id: 'd', name: 'films' }] },
  });
  expect(parseRunRecord(structuredClone(record))).toEqual(record);
});

it.each([
  ['inputSize', [1e9, 0, -1, 6.5]],
  ['batchSize', [1e9, 0, 0.5]],
] as const)('does not read a recipe whose %s no memory could hold', (field, values) => {
  for (const value of values) {
    const record = testRecord({ recipe: { ...notebookRecipe('baseline'), [field]: value } });
    const { records, unreadable } = readStoredRuns(['a'], [record]);
    expect(records).toEqual([]);
    expect(unreadable).toMatchObject([{ id: 'a', reason: `Its field recipe.${field} is damaged.` }]);
  }
});

it('reads losses that are not finite', () => {
  for (const loss of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const record = testRecord({ epochs: [{ ...DIVERGED_EPOCH, loss, validationLoss: loss }] });
    expect(parseRunRecord(record)).toEqual(record);
  }
});

describe('a record of version 1', () => {
  it('is read with its predictions beside it', () => {
    const last = { accuracy: 0.5, loss: 0.6, predictions: predictions([0.9, 0.1], [0.2, 0.8]) };
    const { record, predictions: beside } = parseStoredRun(ofVersion1({ last, best: null }));
    const score = { accuracy: 0.5, loss: 0.6, count: 2 };
    expect(record).toEqual(testRecord({ epochs: [DIVERGED_EPOCH], test: { last: score, best: null } }));
    expect(beside).toEqual({ last: last.predictions, best: null });
  });

  it('keeps predictions that are not finite, and no accuracy computed from them', () => {
    const last = { accuracy: 0.5, loss: Number.NaN, predictions: predictions([0.9, 0.1], [Number.NaN, Number.NaN]) };
    const { record, predictions: beside } = parseStoredRun(ofVersion1({ last, best: null }));
    expect(record.test).toEqual({ last: null, best: null });
    expect(beside?.last).toEqual(last.predictions);
  });
});

describe('a record that cannot be read', () => {
  function describeStored(value: unknown) {
    try {
      parseRunRecord(value);
    } catch (error) {
      return describeUnreadable('the-id', value, error);
    }
    throw new Error('It can be read.');
  }

  it('is reported as newer or as damaged, with whatever of it can be read', () => {
    const known = { id: 'the-id', network: 'baseline', dataset: 'd', createdAt: 0 };
    const future = { ...testRecord(), schemaVersion: 99 };
    expect(describeStored(future)).toEqual({ ...known, reason: expect.stringContaining('newer Thorax') });
    const damaged = { ...testRecord({ epochs: [DIVERGED_EPOCH] }), epochs: [{ ...DIVERGED_EPOCH, loss: 'high' }] };
    expect(describeStored(damaged)).toEqual({ ...known, reason: 'Its field epochs.0.loss is damaged.' });
  });

  it('may be any value', () => {
    const nothing = { id: 'the-id', network: null, dataset: null, createdAt: null };
    for (const value of [{ id: 'junk' }, null, 'text', [1], { recipe: 3, dataset: null, createdAt: Number.NaN }]) {
      expect(describeStored(value)).toEqual({ ...nothing, reason: expect.stringMatching(/damaged/) });
    }
  });
});
