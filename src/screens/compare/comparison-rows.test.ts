import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../../domain/recipe';
import { testRecord as record } from '../../domain/run-test-kit';
import { sortRows, toRow } from './comparison-rows';

describe('comparison rows', () => {
  it('shows the score as a count of images', () => {
    const row = toRow(record({ test: { last: { accuracy: 29 / 45, loss: 1, count: 45 }, best: null } }));
    expect(row.last).toEqual({ correct: 29, total: 45 });
    expect(row.best).toBeNull();
  });

  it('says random weights only of networks that usually have others', () => {
    expect(toRow(record({})).randomWeights).toBe(false);
    expect(toRow(record({ recipe: notebookRecipe('vgg16') })).randomWeights).toBe(true);
    expect(toRow(record({ recipe: notebookRecipe('vgg16'), weightsOrigin: 'imagenet' })).randomWeights).toBe(false);
  });

  it('shows no batch size and seed of a model that was trained elsewhere', () => {
    expect(toRow(record({})).settings).toBe('224 px, batch 32, seed 1');
    const recipe = { ...notebookRecipe('vgg16'), epochs: 0, inputSize: 64 };
    expect(toRow(record({ recipe, sourceFile: 'trained.h5' }))).toMatchObject({ imported: true, settings: '64 px' });
  });

  it('sorts by any column and keeps rows without a value last', () => {
    const rows = [
      record({ id: 'a', bestEpoch: null, timeMs: 3 }),
      record({ id: 'b', bestEpoch: 2, timeMs: 1 }),
      record({ id: 'c', bestEpoch: 5, timeMs: 2 }),
    ].map(toRow);
    const order = (sort: Parameters<typeof sortRows>[1]) => sortRows(rows, sort).map((row) => row.record.id);
    expect(order(null)).toEqual(['a', 'b', 'c']);
    expect(order({ column: 'time', direction: 'ascending' })).toEqual(['b', 'c', 'a']);
    const elsewhere = toRow(record({ id: 'd', recipe: { ...notebookRecipe('vgg16'), epochs: 0 }, timeMs: 0 }));
    const byTime = sortRows([elsewhere, ...rows], { column: 'time', direction: 'ascending' });
    expect(byTime.map((row) => row.record.id)).toEqual(['b', 'c', 'a', 'd']);
    expect(order({ column: 'bestEpoch', direction: 'ascending' })).toEqual(['b', 'c', 'a']);
    expect(order({ column: 'bestEpoch', direction: 'descending' })).toEqual(['c', 'b', 'a']);
  });
});
