// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { NetworkId } from '../../domain/network';
import type { DatasetState } from '../../state/dataset-store';
import { createDraftStore } from '../../state/draft-store';
import { fakeSummary } from '../../state/fakes';
import { renderScreen, storeOf } from '../screen-test-kit';
import { RecipeEditor } from './recipe-editor';

function openEditor(network: NetworkId) {
  const draft = createDraftStore();
  renderScreen(<RecipeEditor network={network} />, {
    draft,
    dataset: storeOf<DatasetState>({ summary: fakeSummary() }),
  });
  const field = (name: string) => screen.getByRole<HTMLInputElement>('spinbutton', { name });
  const type = (name: string, value: string) => fireEvent.change(field(name), { target: { value } });
  return { draft, field, type };
}

describe('a number of the recipe', () => {
  it('out of its bounds has its sentence at its own field, and loses it when it is put right', () => {
    const { field, type } = openEditor('baseline');
    type('Zoom', '0.95');
    expect(screen.getByText('Zoom must be between 0 and 0.9; 0.95 is outside.')).toBeTruthy();
    const invalid = screen.getAllByRole('spinbutton').filter((input) => input.getAttribute('aria-invalid') === 'true');
    expect(invalid).toEqual([field('Zoom')]);
    type('Zoom', '0.9');
    expect(screen.queryByText(/must be/)).toBeNull();
  });

  it('that is empty does not count as the one before', () => {
    const { draft, field, type } = openEditor('baseline');
    type('Learning rate', '');
    expect(draft.getState().own.baseline.optimizer.learningRate).toBeNaN();
    expect(field('Learning rate').value).toBe('');
    expect(screen.getByText('Learning rate must be a number between 1e-10 and 10.')).toBeTruthy();
  });

  it('is of its network alone', () => {
    const { draft, type } = openEditor('baseline');
    type('Learning rate', '0.01');
    const { baseline, vgg16 } = draft.getState().own;
    expect([baseline.optimizer.learningRate, vgg16.optimizer.learningRate]).toEqual([0.01, 1e-6]);
  });
});

it('puts every number back to the notebook’s, on the screen too', () => {
  const { field, type } = openEditor('baseline');
  const reset = screen.getByRole<HTMLButtonElement>('button', { name: /^Reset/ });
  expect(reset.disabled).toBe(true);
  type('Rotation', '90');
  fireEvent.click(screen.getByRole('switch', { name: 'Mirror left and right at random' }));
  expect(reset.disabled).toBe(false);
  fireEvent.click(reset);
  expect(field('Rotation').value).toBe('25');
  expect(screen.getByRole<HTMLInputElement>('switch', { name: /^Mirror/ }).checked).toBe(true);
  expect(reset.disabled).toBe(true);
});

it.each([
  ['baseline', true, false, false],
  ['inceptionv3', true, false, true],
  ['densenet121', false, true, false],
] as const)('offers %s the fields of its optimizer and its layers', (network, adam, sgd, frozen) => {
  openEditor(network);
  expect(screen.queryByRole('spinbutton', { name: 'Beta 1' }) !== null).toBe(adam);
  expect(screen.queryByRole('spinbutton', { name: 'Momentum' }) !== null).toBe(sgd);
  expect(screen.queryByRole('combobox', { name: 'Frozen BatchNorm' }) !== null).toBe(frozen);
});
