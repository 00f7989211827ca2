// @vitest-environment happy-dom
import { fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { RunsState } from '../../state/runs-store';
import type { UpkeepState } from '../../state/upkeep-store';
import { renderScreen, storeOf } from '../screen-test-kit';
import { UnreadablePanel } from './unreadable-panel';

const RUNS = [
  { id: 'a', network: 'vgg16', dataset: 'X-rays', createdAt: null, reason: 'It was written by a newer Thorax.' },
  { id: 'b', network: null, dataset: null, createdAt: null, reason: 'It is damaged.' },
];

it('names each run as far as it is known, saves it, and deletes it once that is confirmed', async () => {
  const asked: string[] = [];
  renderScreen(<UnreadablePanel runs={RUNS} />, {
    runs: storeOf<RunsState>({ remove: async (id) => void asked.push(`delete ${id}`) }),
    upkeep: storeOf<UpkeepState>({ failure: null, saveRaw: async (id) => void asked.push(`save ${id}`) }),
  });
  const list = screen.getByRole('list', { name: 'Runs that cannot be read' });
  const [first, second] = within(list).getAllByRole('listitem');
  expect(first.textContent).toContain('vgg16 on X-rays');
  expect(first.textContent).toContain('It was written by a newer Thorax.');
  expect(second.textContent).toContain('Run b');
  const press = (within_: HTMLElement, name: string) =>
    fireEvent.click(within(within_).getByRole('button', { name, hidden: true }));
  press(first, 'Save as JSON');
  press(second, 'Delete');
  expect(asked).toEqual(['save a']);
  press(await screen.findByRole('dialog'), 'Delete');
  expect(asked).toEqual(['save a', 'delete b']);
});
