// @vitest-environment happy-dom
import { fireEvent, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { notebookRecipe } from '../../domain/recipe';
import type { StoredSizes } from '../../domain/stored-sizes';
import { fakeRecord } from '../../state/fakes';
import type { RunsState } from '../../state/runs-store';
import type { StorageState } from '../../state/storage-store';
import { renderScreen, storeOf } from '../screen-test-kit';
import { RunList } from './run-list';

const MB = 2 ** 20;
const createdAt = new Date(2026, 4, 1, 15, 4).getTime();
const records = [
  fakeRecord('small', notebookRecipe('baseline'), { status: 'finished', createdAt }),
  fakeRecord('large', notebookRecipe('vgg16'), { status: 'stopped', createdAt }),
  fakeRecord('going', notebookRecipe('densenet121'), { createdAt }),
];
const sizes: StoredSizes = {
  runs: [
    { runId: 'small', weightsBytes: MB, optimizerBytes: 0 },
    { runId: 'large', weightsBytes: 200 * MB, optimizerBytes: 400 * MB },
  ],
  pretrained: [],
  sampleBytes: 0,
  exportBytes: 0,
};

function openList() {
  const deleteRun = vi.fn(async () => undefined);
  const deleteRunPart = vi.fn(async () => undefined);
  renderScreen(<RunList />, {
    runs: storeOf<RunsState>({ records }),
    storage: storeOf<StorageState>({ sizes, deleteRun, deleteRunPart }),
  });
  return { deleteRun, deleteRunPart };
}

async function choose(item: RegExp) {
  fireEvent.click(screen.getByRole('button', { name: 'Delete from VGG16 of May 1, 2026, 3:04 PM' }));
  fireEvent.click(await screen.findByRole('menuitem', { name: item }));
  const dialog = await screen.findByRole('dialog');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Delete' }));
}

it('names the largest first, with what its parts take; one that is going cannot be deleted', () => {
  openList();
  const items = screen.getAllByRole('listitem');
  expect(items.map(({ textContent }) => textContent)).toEqual([
    expect.stringContaining('Weights 200 MB, optimizer state 400 MB'),
    expect.stringContaining('Weights 1.0 MB'),
    expect.stringContaining('running'),
  ]);
  expect(within(items[2]).queryByRole('button')).toBeNull();
});

it('deletes a part, or the whole run, after a question', async () => {
  const { deleteRun, deleteRunPart } = openList();
  await choose(/^Optimizer state, 400 MB/);
  expect(deleteRunPart).toHaveBeenLastCalledWith('large', 'optimizerState');
  await choose(/^Weights, 600 MB/);
  expect(deleteRunPart).toHaveBeenLastCalledWith('large', 'weights');
  expect(deleteRun).not.toHaveBeenCalled();
  await choose(/^The whole run/);
  expect(deleteRun).toHaveBeenCalledExactlyOnceWith('large');
});
