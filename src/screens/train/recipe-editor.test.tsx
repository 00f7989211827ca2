// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { NetworkId } from '../../domain/network';
import type { DatasetState } from '../../state/dataset-store';
import { createDraftStore } from '../../state/draft-store';
import { fakeCounts, fakeSummary } from '../../state/fakes';
import { renderScreen, storeOf } from '../screen-test-kit';
import { RecipeEditor } from './recipe-editor';

function openEditor(network: NetworkId, summary = fakeSummary()) {
  const draft = createDraftStore();
  renderScreen(<RecipeEditor network={network} />, {
    draft,
    dataset: storeOf<DatasetState>({ summary }),
  });
  const field = (name: string) => screen.getByRole<HTMLInputElement>('spinbutton', { name });
  const type = (name: string, value: string) => fireEvent.change(field(name), { target: { value } });
  const choose = (name: string, value: string) =>
    fireEvent.change(screen.getByRole('combobox', { name }), { target: { value } });
  return { draft, field, type, choose };
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

  it('says when a checkpoint is written', () => {
    const { draft, type } = openEditor('baseline');
    type('Checkpoint epochs', '5');
    type('Checkpoint minutes', '0.5');
    expect(draft.getState().own.baseline.checkpoints).toEqual({ everyEpochs: 5, everyMinutes: 0.5 });
    expect(screen.getByText('Checkpoint minutes must be between 1 and 1,440; 0.5 is outside.')).toBeTruthy();
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

describe('what makes up for uneven classes', () => {
  it('is off at first, and off again when it is put back', () => {
    const { draft, choose } = openEditor('baseline');
    const before = draft.getState().own.baseline;
    choose('Sampling', 'balanced');
    choose('Class weights', 'balanced');
    expect(draft.getState().own.baseline).toMatchObject({ sampling: 'balanced', classWeights: { kind: 'balanced' } });
    expect(screen.getByText(/already evens the classes out/)).toBeTruthy();
    choose('Sampling', 'once');
    choose('Class weights', 'none');
    expect(draft.getState().own.baseline).toEqual(before);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /^Reset/ }).disabled).toBe(true);
  });

  it('shows the balanced weights of the open dataset', () => {
    const { choose } = openEditor('baseline', fakeSummary({ classCounts: fakeCounts(30, 10) }));
    choose('Class weights', 'balanced');
    expect(screen.getByText('A 0.667, B 2.00')).toBeTruthy();
  });

  it('takes a number for each class, each with its own sentence', () => {
    const { draft, choose, type } = openEditor('baseline');
    choose('Class weights', 'own');
    type('Weight of B', '2.5');
    const weights = [
      { className: 'A', weight: 1 },
      { className: 'B', weight: 2.5 },
    ];
    expect(draft.getState().own.baseline.classWeights).toEqual({ kind: 'own', weights });
    type('Weight of A', '-1');
    expect(screen.getByText('Weight of A must be between 0.001 and 1,000; -1 is outside.')).toBeTruthy();
  });
});

describe('the patience', () => {
  it('is off while the field is empty', () => {
    const validated = fakeSummary({ classCounts: [10, 10].map((train) => ({ train, validation: 2, test: 0 })) });
    const { draft, field, type } = openEditor('baseline', validated);
    expect(field('Early stopping patience').value).toBe('');
    type('Early stopping patience', '3');
    expect(draft.getState().own.baseline.earlyStopping).toEqual({ patience: 3 });
    type('Early stopping patience', '0.5');
    expect(screen.getByText(/^Early stopping patience must be/)).toBeTruthy();
    type('Early stopping patience', '');
    expect(draft.getState().own.baseline.earlyStopping).toBeUndefined();
    expect(screen.queryByText(/must be/)).toBeNull();
  });

  it('is refused where there is no validation loss', () => {
    const { type } = openEditor('baseline');
    type('Early stopping patience', '3');
    expect(screen.getByText(/xray has no validation images/)).toBeTruthy();
  });
});
