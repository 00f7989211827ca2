/** @file What the store tests share: a small dataset, records, and promises settled by hand. For tests only. */

import type { DatasetImage, DatasetSummary } from '../domain/dataset';
import type { Reply } from '../domain/failure';
import type { Recipe } from '../domain/recipe';
import type { EpochLog, RunRecord } from '../domain/run';
import { testRecord } from '../domain/run-test-kit';
import type { DatasetClient } from './worker-clients';

/** 40 training images of two classes. */
export function fakeSummary(change: Partial<DatasetSummary> = {}): DatasetSummary {
  return {
    id: 'dataset-1',
    name: 'xray',
    synthetic: false,
    layout: 'class-folders',
    classNames: ['A', 'B'],
    classCounts: fakeCounts(20, 20),
    problems: [],
    ...change,
  };
}

/** Training images of each class, and no others. */
export function fakeCounts(...train: number[]): DatasetSummary['classCounts'] {
  return train.map((count) => ({ train: count, validation: 0, test: 0 }));
}

/** Training images of two classes in turn. */
export function fakeImages(count: number): DatasetImage[] {
  return Array.from({ length: count }, (_, i) => ({
    path: `${i % 2 ? 'B' : 'A'}/${i}.png`,
    split: 'train',
    classIndex: i % 2,
    sizeBytes: 1,
  }));
}

/** A dataset worker that opens and checks the same small dataset, apart from `change`. */
export function fakeDatasetApi(change: Partial<DatasetClient> = {}) {
  const summary = async (): Promise<Reply<DatasetSummary>> => ({ ok: true, value: fakeSummary() });
  const done = async (): Promise<Reply<null>> => ({ ok: true, value: null });
  return {
    openDataset: summary,
    openSample: summary,
    cancelOpening: done,
    checkDataset: summary,
    cancelCheck: done,
    listImages: async (): Promise<Reply<DatasetImage[]>> => ({ ok: true, value: fakeImages(16) }),
    ...change,
  } satisfies Partial<DatasetClient>;
}

export function fakeRecord(id: string, recipe: Recipe, change: Partial<RunRecord> = {}): RunRecord {
  const counts = { train: 40, validation: 0, test: 0 };
  return testRecord({
    id,
    createdAt: 1,
    recipe,
    dataset: { id: 'dataset-1', name: 'xray', synthetic: false, classNames: ['A', 'B'], counts },
    gpu: 'fake',
    status: 'running',
    timeMs: 0,
    ...change,
  });
}

export function fakeLog(epoch: number): EpochLog {
  return {
    epoch,
    loss: 1 / epoch,
    accuracy: 0.5,
    validationLoss: null,
    validationAccuracy: null,
    timeMs: 10,
    tensorCount: 1,
    gpuBytes: 1,
  };
}

/** Lets everything that waits on settled promises go on. */
export async function settleAll(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

/** A promise settled from outside; Node 20 has no `Promise.withResolvers`. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
}
