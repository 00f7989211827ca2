// @vitest-environment happy-dom
import { fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { notebookRecipe } from '../../domain/recipe';
import type { RunRecord } from '../../domain/run';
import { testRecord } from '../../domain/run-test-kit';
import type { ModelsState } from '../../state/models-store';
import { createRunsStore } from '../../state/runs-store';
import { useRuns } from '../../state/studio-context';
import { renderScreen, storeOf } from '../screen-test-kit';
import { sortRows, toRow } from './comparison-rows';
import { ComparisonTable } from './comparison-table';

const finished = (id: string, timeMs: number, bestEpoch: number | null): RunRecord =>
  testRecord({ id, timeMs, bestEpoch, dataset: { ...testRecord().dataset, name: id } });

/** Newest first. */
const RECORDS = [
  finished('slow', 90_000, 2),
  finished('quick', 9_000, null),
  // Made elsewhere: nobody knows its time.
  testRecord({
    id: 'imported',
    recipe: { ...notebookRecipe('baseline'), epochs: 0 },
    dataset: { ...testRecord().dataset, name: 'imported' },
  }),
  finished('middle', 60_000, 10),
];

function Sorted() {
  const sort = useRuns((state) => state.sort);
  return <ComparisonTable rows={sortRows(RECORDS.map(toRow), sort)} onContinued={() => undefined} />;
}

function openTable() {
  const runs = createRunsStore(
    { deleteRun: () => Promise.reject(new Error('No run is deleted here')) },
    {
      list: () => Promise.reject(new Error('No run is read here')),
      findGoing: async () => new Set(),
      untilEnded: async () => undefined,
    },
  );
  renderScreen(<Sorted />, { runs, models: storeOf<ModelsState>({ exporting: null }) });
  const header = (name: string) => screen.getByRole('columnheader', { name });
  const names = () =>
    screen
      .getAllByRole('row')
      .slice(1)
      .map((row) => RECORDS.find(({ id }) => within(row).queryByText(id) !== null)?.id);
  const press = (name: string) => fireEvent.click(within(header(name)).getByRole('button'));
  return { header, names, press };
}

it('sorts by a column upwards, downwards, and then as before; what has no value comes last either way', () => {
  const { header, names, press } = openTable();
  expect(names()).toEqual(['slow', 'quick', 'imported', 'middle']);
  press('Time');
  expect(header('Time').getAttribute('aria-sort')).toBe('ascending');
  expect(names()).toEqual(['quick', 'middle', 'slow', 'imported']);
  press('Time');
  expect(header('Time').getAttribute('aria-sort')).toBe('descending');
  expect(names()).toEqual(['slow', 'middle', 'quick', 'imported']);
  press('Time');
  expect(header('Time').getAttribute('aria-sort')).toBe('none');
  expect(names()).toEqual(['slow', 'quick', 'imported', 'middle']);
});

it('sorts numbers as numbers, and starts upwards in another column', () => {
  const { header, names, press } = openTable();
  press('Time');
  press('Time');
  press('Best epoch');
  expect([header('Time'), header('Best epoch')].map((cell) => cell.getAttribute('aria-sort'))).toEqual([
    'none',
    'ascending',
  ]);
  expect(names().slice(0, 2)).toEqual(['slow', 'middle']);
});
