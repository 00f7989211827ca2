// @vitest-environment happy-dom
import { act, fireEvent, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { DatasetProblem, DatasetSummary } from '../../domain/dataset';
import type { DatasetState } from '../../state/dataset-store';
import { fakeSummary } from '../../state/fakes';
import { renderScreen, storeOf } from '../screen-test-kit';
import { ProblemPanel } from './problem-panel';

const leftOut = (i: number): DatasetProblem => ({ path: `A/${i}.png`, reason: 'is empty.', severity: 'excluded' });
const MANY = Array.from({ length: 250 }, (_, i) => leftOut(i));

function openPanel(summary: DatasetSummary | null, found: DatasetProblem[] = []) {
  const dataset = storeOf<DatasetState>({ summary, found });
  renderScreen(<ProblemPanel />, { dataset });
  // Not by role: that asks for the style of each of its many parts.
  return { dataset, items: () => [...screen.getByLabelText('Dataset problems').children] };
}

it('shows nothing where nothing is wrong', () => {
  openPanel(fakeSummary());
  expect(screen.queryByLabelText('Dataset problems')).toBeNull();
});

it('names what blocks first, and what was found while checking too', () => {
  const blocking: DatasetProblem = { path: 'B', reason: 'has no image.', severity: 'blocking' };
  const { items } = openPanel(fakeSummary({ problems: [leftOut(1), blocking] }), [leftOut(2)]);
  expect(items().map((item) => item.textContent)).toEqual([
    'BlocksB has no image.',
    'Left outA/1.png is empty.',
    'Left outA/2.png is empty.',
  ]);
});

it('shows two hundred of many and says so, all when asked, and folds them again for another dataset', async () => {
  const { dataset, items } = openPanel(fakeSummary({ problems: MANY }));
  expect(items()).toHaveLength(200);
  expect(screen.getByText('The first 200 of 250 are shown.')).toBeTruthy();
  await act(async () => fireEvent.click(screen.getByText('Show all')));
  expect(items()).toHaveLength(250);
  expect(screen.queryByText(/are shown/)).toBeNull();
  act(() => dataset.setState({ summary: fakeSummary({ id: 'another', problems: MANY }) }));
  expect(items()).toHaveLength(200);
});
