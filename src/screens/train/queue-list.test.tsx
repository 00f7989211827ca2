// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { QueueItem, QueueState } from '../../domain/queue';
import { testQueueItem } from '../../domain/queue-test-kit';
import { notebookRecipe } from '../../domain/recipe';
import type { DatasetState } from '../../state/dataset-store';
import { fakeRecord, fakeSummary } from '../../state/fakes';
import type { RunsState } from '../../state/runs-store';
import type { TrainingState } from '../../state/training-store';
import { renderScreen, storeOf } from '../screen-test-kit';
import { QueueList } from './queue-list';

const open = { id: 'dataset-1', name: 'xray', synthetic: false };

function openList(state: QueueState, items: QueueItem[]) {
  const moveItem = vi.fn(async () => undefined);
  const removeItem = vi.fn(async () => undefined);
  const continueQueue = vi.fn(async () => undefined);
  renderScreen(<QueueList />, {
    training: storeOf<TrainingState>({
      active: state === 'here',
      queue: { state, items, unreadable: 0, datasetIds: [] },
      moveItem,
      removeItem,
      continueQueue,
    }),
    dataset: storeOf<DatasetState>({ summary: fakeSummary() }),
    runs: storeOf<RunsState>({ records: [fakeRecord('parent', notebookRecipe('baseline'), { createdAt: 0 })] }),
  });
  return { moveItem, removeItem, continueQueue };
}

const baseline = testQueueItem('a', { dataset: open });
const vgg16 = testQueueItem('b', { dataset: open, recipe: { ...notebookRecipe('vgg16'), seed: 7 } });

it('names what waits and what differs; its buttons name action, network and place', () => {
  const { moveItem, removeItem } = openList('here', [baseline, vgg16]);
  expect(screen.getByRole('list', { name: 'Queue' })).toBeTruthy();
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'Baseline the notebook’s recipe',
    'VGG16 seed 7',
  ]);
  fireEvent.click(screen.getByRole('button', { name: 'Move VGG16 up, place 2 of 2' }));
  expect(moveItem).toHaveBeenCalledWith('b', 0);
  fireEvent.click(screen.getByRole('button', { name: 'Remove Baseline from the queue, place 1 of 2' }));
  expect(removeItem).toHaveBeenCalledWith('a');
  // The first item cannot move up, nor the last one down.
  fireEvent.click(screen.getByRole('button', { name: 'Move Baseline up, place 1 of 2' }));
  fireEvent.click(screen.getByRole('button', { name: 'Move VGG16 down, place 2 of 2' }));
  expect(moveItem).toHaveBeenCalledTimes(1);
  expect(screen.queryByRole('button', { name: 'Continue queue' })).toBeNull();
});

it('that is held is continued by a click', () => {
  const { continueQueue } = openList('held', [baseline]);
  fireEvent.click(screen.getByRole('button', { name: 'Continue queue' }));
  expect(continueQueue).toHaveBeenCalledTimes(1);
});

it('that waits for another dataset says which, and cannot be continued', () => {
  openList('held', [testQueueItem('a', { dataset: { id: 'gone', name: 'films 2019', synthetic: false } })]);
  expect(screen.getByText('waits for the dataset films 2019: open it again')).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Continue queue' }).disabled).toBe(true);
});

it('says why one could not be started', () => {
  openList('held', [{ ...baseline, failure: 'The GPU is full.' }]);
  expect(screen.getByText('Could not be started: The GPU is full.')).toBeTruthy();
});

it('names the run that one goes on from', () => {
  openList('held', [
    { ...baseline, ancestor: { runId: 'parent', weights: 'best' } },
    { ...vgg16, ancestor: { runId: 'gone', weights: 'last' } },
  ]);
  expect(screen.getByText(/^trained further from Baseline of .*1970.*, best weights$/)).toBeTruthy();
  expect(screen.getByText('trained further from a run that is deleted, last weights')).toBeTruthy();
});

it('says so while another tab trains, also when nothing waits', () => {
  openList('elsewhere', []);
  expect(screen.getByText(/^Another tab is training/)).toBeTruthy();
  expect(screen.queryByRole('list')).toBeNull();
});
