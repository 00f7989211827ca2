// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { WeightsStatus } from '../../domain/protocol';
import type { WeightsState } from '../../state/weights-store';
import { renderScreen, storeOf } from '../screen-test-kit';
import { WeightsRow } from './weights-row';

const MISSING: WeightsStatus = {
  network: 'vgg16',
  fileName: 'vgg16_notop.h5',
  url: 'https://example.org/vgg16_notop.h5',
  present: false,
};
const KEPT: WeightsStatus = { ...MISSING, present: true, kept: { name: 'mine.h5', sizeBytes: 7, official: false } };

function openRow(status: WeightsStatus, needed: boolean, state: Partial<WeightsState> = {}) {
  const [download, remove] = [vi.fn(async () => undefined), vi.fn(async () => undefined)];
  const weights = storeOf<WeightsState>({
    downloads: {},
    downloadFailures: {},
    removeFailures: {},
    download,
    remove,
    ...state,
  });
  renderScreen(<WeightsRow status={status} needed={needed} />, { weights });
  return { download, remove };
}

it('a file that a ticked network needs is called missing, with the address it comes from', () => {
  const { download } = openRow(MISSING, true);
  expect(screen.getByText('Missing')).toBeTruthy();
  expect(screen.getByRole('link').getAttribute('href')).toBe(MISSING.url);
  fireEvent.click(screen.getByRole('button', { name: 'Download VGG16 weights' }));
  expect(download).toHaveBeenCalledWith('vgg16');
});

it('a file that no ticked network needs is not called missing', () => {
  openRow(MISSING, false);
  expect(screen.getByText('Not here')).toBeTruthy();
  expect(screen.queryByRole('link')).toBeNull();
});

it('a download shows its progress', () => {
  openRow(MISSING, true, { downloads: { vgg16: { doneBytes: 25e6, totalBytes: 100e6 } } });
  const progress = screen.getByRole('progressbar', { name: 'Downloading VGG16 weights' });
  expect(progress.getAttribute('aria-valuenow')).toBe('25');
});

it('a download that failed keeps its sentence beside Retry', () => {
  openRow(MISSING, true, { downloadFailures: { vgg16: 'The server answered 404.' } });
  expect(screen.getByRole('alert').textContent).toContain('The server answered 404.');
  expect(screen.getByRole('button', { name: 'Retry VGG16 weights' })).toBeTruthy();
});

it('a kept file is removed only after the question', () => {
  const { remove } = openRow(KEPT, false);
  expect(screen.getByText(/mine\.h5/)).toBeTruthy();
  const ask = () => fireEvent.click(screen.getByRole('button', { name: 'Remove VGG16 weights' }));
  ask();
  fireEvent.click(screen.getByRole('button', { name: 'Keep' }));
  expect(remove).not.toHaveBeenCalled();
  ask();
  fireEvent.click(screen.getByRole('button', { name: 'Remove' }));
  expect(remove).toHaveBeenCalledExactlyOnceWith('vgg16');
});
