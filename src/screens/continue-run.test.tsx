// @vitest-environment happy-dom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { testQueueItem } from '../domain/queue-test-kit';
import type { RunRecord } from '../domain/run';
import { testRecord } from '../domain/run-test-kit';
import type { RunsState } from '../state/runs-store';
import type { TrainingState } from '../state/training-store';
import { ContinueRun } from './continue-run';
import { InterruptedBanner } from './interrupted-banner';
import { renderScreen, storeOf } from './screen-test-kit';

const cut = testRecord({ id: 'cut', status: 'interrupted', recipe: { ...testRecord().recipe, epochs: 15 } });

function training(change: Partial<TrainingState> = {}) {
  const continueRun = vi.fn(async () => true);
  const queue: TrainingState['queue'] = { state: 'held', items: [], unreadable: 0, datasetIds: [] };
  const store = storeOf<TrainingState>({
    active: false,
    continuing: null,
    notContinued: null,
    queue,
    continueRun,
    ...change,
  });
  return { continueRun, store };
}

it('continues the run and says when it is in the queue', async () => {
  const { continueRun, store } = training();
  const onContinued = vi.fn();
  renderScreen(<ContinueRun record={cut} onContinued={onContinued} />, { training: store });
  fireEvent.click(screen.getByRole('button', { name: 'Continue run' }));
  expect(continueRun).toHaveBeenCalledWith('cut');
  await waitFor(() => expect(onContinued).toHaveBeenCalledTimes(1));
});

it('says why not, below the button of the run that it is about', async () => {
  const { continueRun, store } = training({ notContinued: { runId: 'cut', sentence: 'Open the folder films.' } });
  continueRun.mockResolvedValue(false);
  const onContinued = vi.fn();
  renderScreen(<ContinueRun record={cut} onContinued={onContinued} />, { training: store });
  expect(screen.getByRole('alert').textContent).toBe('Open the folder films.');
  fireEvent.click(screen.getByRole('button', { name: 'Continue run' }));
  await waitFor(() => expect(continueRun).toHaveBeenCalled());
  expect(onContinued).not.toHaveBeenCalled();
});

it('gives way to words where the run waits in the queue', () => {
  const items = [testQueueItem('cut', { start: 'checkpoint' })];
  const { store } = training({ queue: { state: 'held', items, unreadable: 0, datasetIds: [] } });
  renderScreen(<ContinueRun record={cut} />, { training: store });
  expect(screen.queryByRole('button')).toBeNull();
  expect(screen.getByText('waits in the queue')).toBeTruthy();
});

it('the banner names the newest interrupted run, counts the others, and is dismissed', () => {
  const records: RunRecord[] = [
    testRecord({ id: 'done' }),
    cut,
    testRecord({ id: 'failed', status: 'failed', failure: 'No.' }),
    testRecord({ id: 'older', status: 'interrupted' }),
  ];
  renderScreen(<InterruptedBanner onContinued={() => undefined} />, {
    training: training().store,
    runs: storeOf<RunsState>({ records }),
  });
  expect(screen.getByRole('alert').textContent).toMatch(
    /Baseline on d, .* cut off after 0 epochs of 15\..*So was 1 other run/,
  );
  fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByRole('alert')).toBeNull();
});

it('no banner stands there while something trains', () => {
  renderScreen(<InterruptedBanner onContinued={() => undefined} />, {
    training: training({ active: true }).store,
    runs: storeOf<RunsState>({ records: [cut] }),
  });
  expect(screen.queryByRole('alert')).toBeNull();
});
