import { describe, expect, it } from 'vitest';
import { notebookRecipe } from '../../domain/recipe';
import type { RunRecord } from '../../domain/run';
import { fakeRecord } from '../../state/fakes';
import { drawnRuns, trainedDataset } from './trained-runs';

function run(id: string, datasetId: string): RunRecord {
  const record = fakeRecord(id, notebookRecipe('baseline'));
  return { ...record, dataset: { ...record.dataset, id: datasetId, name: `folder ${datasetId}` } };
}

const records = [run('b2', 'b'), run('a2', 'a'), run('a1', 'a')];
const queue = [{ runId: 'a1' }, { runId: 'a2' }];
const ids = (runs: RunRecord[]) => runs.map(({ id }) => id);

describe('while a queue trains on one dataset and another is open', () => {
  const going = { active: true, queue, live: { record: records[1] } };
  const between = { active: true, queue, live: { record: null } };

  it('names the dataset that is trained on, also between two runs', () => {
    expect(trainedDataset(going, records)?.name).toBe('folder a');
    expect(trainedDataset(between, records)?.name).toBe('folder a');
    expect(trainedDataset({ active: true, queue, live: null }, [])).toBeNull();
  });

  it('draws its runs', () => {
    expect(ids(drawnRuns(going, records, 'b'))).toEqual(['a2', 'a1']);
    expect(ids(drawnRuns(between, records, 'b'))).toEqual(['a2', 'a1']);
  });
});

it('draws the runs on the open dataset afterwards, and still the run that went last', () => {
  const ended = { active: false, queue, live: { record: records[1] } };
  expect(trainedDataset(ended, records)).toBeNull();
  expect(ids(drawnRuns(ended, records, 'b'))).toEqual(['b2', 'a2']);
  expect(ids(drawnRuns(ended, records, null))).toEqual(['a2', 'a1']);
  expect(ids(drawnRuns({ active: false, queue: [], live: null }, records, 'a'))).toEqual(['a2', 'a1']);
});
