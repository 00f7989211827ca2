import { describe, expect, it } from 'vitest';
import { testQueueItem } from '../../domain/queue-test-kit';
import { notebookRecipe } from '../../domain/recipe';
import type { RunRecord } from '../../domain/run';
import { fakeRecord } from '../../state/fakes';
import { drawnRuns, trainedDataset } from './trained-runs';

function run(id: string, datasetId: string): RunRecord {
  const record = fakeRecord(id, notebookRecipe('baseline'));
  return { ...record, dataset: { ...record.dataset, id: datasetId, name: `folder ${datasetId}` } };
}

const records = [run('b2', 'b'), run('a2', 'a'), run('a1', 'a')];
const item = testQueueItem('a2', { dataset: { id: 'a', name: 'folder a', synthetic: false } });
const ids = (runs: RunRecord[]) => runs.map(({ id }) => id);

describe('while one dataset is trained on and another is open', () => {
  const going = { active: true, live: { item }, waiting: [] };

  it('names the dataset that is trained on, also before the first run', () => {
    expect(trainedDataset(going)?.name).toBe('folder a');
    expect(trainedDataset({ active: true, live: null, waiting: [item] })?.name).toBe('folder a');
    expect(trainedDataset({ active: true, live: null, waiting: [] })).toBeNull();
  });

  it('draws its runs', () => {
    expect(ids(drawnRuns(going, records, 'b'))).toEqual(['a2', 'a1']);
  });
});

it('draws the runs on the open dataset afterwards, and still the last run', () => {
  const ended = { active: false, live: { item }, waiting: [] };
  expect(trainedDataset(ended)).toBeNull();
  expect(ids(drawnRuns(ended, records, 'b'))).toEqual(['b2', 'a2']);
  expect(ids(drawnRuns(ended, records, null))).toEqual(['a2', 'a1']);
  expect(ids(drawnRuns({ active: false, live: null, waiting: [] }, records, 'a'))).toEqual(['a2', 'a1']);
});
