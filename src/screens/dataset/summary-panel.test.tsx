// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { DatasetSummary } from '../../domain/dataset';
import type { DatasetState } from '../../state/dataset-store';
import { fakeSummary } from '../../state/fakes';
import { renderScreen, storeOf } from '../screen-test-kit';
import { SummaryPanel } from './summary-panel';

function openPanel(state: Partial<DatasetState>, summary: DatasetSummary = fakeSummary()) {
  const part = { checking: null, checkFailure: null, ...state };
  renderScreen(<SummaryPanel summary={summary} onContinue={() => undefined} />, {
    dataset: storeOf<DatasetState>(part),
  });
}

it('shows counts, and what the images are like once they are checked', () => {
  const ranges = {
    smallest: { width: 1024, height: 1024 },
    largest: { width: 2500, height: 2048 },
    kinds: ['8-bit grey'],
    formats: ['PNG', 'JPEG'],
  };
  openPanel({}, fakeSummary({ ranges }));
  expect(screen.getByText('40 images')).toBeTruthy();
  expect(screen.getByText('1,024 × 1,024 to 2,500 × 2,048 pixels; 8-bit grey; PNG and JPEG')).toBeTruthy();
  expect(screen.queryByText('Cancel')).toBeNull();
});

it('offers to cancel a check', () => {
  const cancelCheck = vi.fn(async () => undefined);
  openPanel({ checking: { phase: 'checking', done: 1, total: 40, timeLeftMs: null }, cancelCheck });
  fireEvent.click(screen.getByText('Cancel'));
  expect(cancelCheck).toHaveBeenCalledTimes(1);
});

it('says why a check did not come to its end, and offers to go on with it', () => {
  const checkAgain = vi.fn();
  openPanel({ checkFailure: 'The check failed at A/0.png: out of luck', checkAgain });
  expect(screen.getByText('The check failed at A/0.png: out of luck')).toBeTruthy();
  fireEvent.click(screen.getByText('Check again'));
  expect(checkAgain).toHaveBeenCalledTimes(1);
});
