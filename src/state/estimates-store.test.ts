import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Reply } from '../domain/failure';
import type { EstimateRequest, RunEstimate } from '../domain/protocol';
import type { DatasetState } from './dataset-store';
import { createDraftStore } from './draft-store';
import { createEstimatesStore, estimateRequest } from './estimates-store';
import { deferred, fakeSummary, settleAll } from './fakes';
import type { TrainingState } from './training-store';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const asked: { request: EstimateRequest; answer: (reply: Reply<RunEstimate[]>) => void }[] = [];
  const draft = createDraftStore();
  const dataset = createStore(() => ({ summary: fakeSummary() }) as DatasetState);
  const training = createStore(() => ({ active: false }) as TrainingState);
  const estimates = createEstimatesStore({
    api: {
      estimateRuns: (request) => {
        const { promise, resolve } = deferred<Reply<RunEstimate[]>>();
        asked.push({ request, answer: resolve });
        return promise;
      },
    },
    draft,
    dataset,
    training,
  });
  return { asked, draft, dataset, training, estimates };
}

const estimate = (memoryBytes: number): RunEstimate => ({ network: 'baseline', memoryBytes, misfit: null, time: null });

it('asks at once, then once after the last key, and drops an answer that was overtaken', async () => {
  const { asked, draft, estimates } = setUp();
  const unfollow = estimates.getState().follow();
  expect(asked[0].request).toMatchObject({ classCount: 2, counts: { train: 40, validation: 0 } });
  for (const batchSize of [6, 64]) {
    draft.getState().setShared({ batchSize });
    vi.advanceTimersByTime(100);
  }
  expect(asked).toHaveLength(1);
  vi.advanceTimersByTime(300);
  expect(asked).toHaveLength(2);
  expect(asked[1].request.recipes.every(({ batchSize }) => batchSize === 64)).toBe(true);
  asked[1].answer({ ok: true, value: [estimate(2)] });
  asked[0].answer({ ok: true, value: [estimate(1)] });
  await settleAll();
  expect(estimates.getState().estimates.baseline?.memoryBytes).toBe(2);

  unfollow();
  draft.getState().setShared({ batchSize: 8 });
  vi.advanceTimersByTime(1000);
  expect(asked).toHaveLength(2);
});

it('asks again when a training has ended, for what it measured', () => {
  const { asked, training, estimates } = setUp();
  estimates.getState().follow();
  training.setState({ active: true });
  vi.advanceTimersByTime(1000);
  expect(asked).toHaveLength(1);
  training.setState({ active: false });
  vi.advanceTimersByTime(1000);
  expect(asked).toHaveLength(2);
});

it('leaves out networks whose fields hold no usable number, and counts no images without a dataset', () => {
  const { draft } = setUp();
  draft.getState().setShared({ inputSize: 40 });
  const { recipes, counts, classCount } = estimateRequest(draft.getState(), null);
  expect(recipes.map(({ network }) => network)).toEqual(['baseline', 'vgg16', 'densenet121']);
  expect([counts, classCount]).toEqual([null, 3]);
  draft.getState().setShared({ batchSize: null });
  expect(estimateRequest(draft.getState(), null).recipes).toEqual([]);
});
