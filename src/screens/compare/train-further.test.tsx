// @vitest-environment happy-dom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { notebookRecipe } from '../../domain/recipe';
import type { RunRecord } from '../../domain/run';
import type { DatasetState } from '../../state/dataset-store';
import { fakeLog, fakeRecord, fakeSummary } from '../../state/fakes';
import type { TrainingState } from '../../state/training-store';
import { renderScreen, storeOf } from '../screen-test-kit';
import { TrainFurther } from './train-further';

const finished = (change: Partial<RunRecord> = {}) =>
  fakeRecord('a', notebookRecipe('baseline'), { status: 'finished', epochs: [fakeLog(1)], bestEpoch: 1, ...change });

function openDialog(record: RunRecord, refusal: string[] | null = null, summary = fakeSummary()) {
  const trainFurther = vi.fn(async () => refusal);
  const onQueued = vi.fn();
  renderScreen(<TrainFurther record={record} onQueued={onQueued} />, {
    training: storeOf<TrainingState>({ trainFurther }),
    dataset: storeOf<DatasetState>({ summary }),
  });
  fireEvent.click(screen.getByRole('button', { name: /^Train further Baseline of/ }));
  const type = (name: string, value: string) =>
    fireEvent.change(screen.getByRole('spinbutton', { name }), { target: { value } });
  const confirm = () => fireEvent.click(screen.getByRole('button', { name: 'Train further' }));
  return { trainFurther, onQueued, type, confirm };
}

it('queues the run with the weights and the numbers that were chosen', async () => {
  const record = finished();
  const { trainFurther, onQueued, type, confirm } = openDialog(record);
  fireEvent.change(screen.getByRole('combobox', { name: 'Weights' }), { target: { value: 'best' } });
  type('Epochs', '7');
  type('Learning rate', '0.00002');
  confirm();
  await waitFor(() => expect(onQueued).toHaveBeenCalledTimes(1));
  expect(trainFurther).toHaveBeenCalledExactlyOnceWith(record, 'best', {
    epochs: 7,
    batchSize: 32,
    learningRate: 0.00002,
  });
  expect(screen.queryByText(/among the test images/)).toBeNull();
});

it('stays open with the sentences of a refusal, and judges a number at its field', async () => {
  const { onQueued, type, confirm } = openDialog(finished(), ['Other classes.']);
  type('Epochs', '0');
  expect(screen.getByText('Epochs must be between 1 and 1,000; 0 is outside.')).toBeTruthy();
  confirm();
  expect(await screen.findByText('Other classes.')).toBeTruthy();
  expect(onQueued).not.toHaveBeenCalled();
});

it('offers only the best weights of a run that diverged, and warns of another dataset', () => {
  openDialog(finished({ status: 'diverged' }), null, fakeSummary({ id: 'other', name: 'films' }));
  const options = screen.getAllByRole('option').map(({ textContent }) => textContent);
  expect(options).toEqual(['Best: of the epoch with the lowest training loss']);
  expect(screen.getByText(/The open dataset is films; the run was trained on xray/)).toBeTruthy();
});
