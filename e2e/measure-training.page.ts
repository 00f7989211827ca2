/** @file One run of measure-training.mjs: what a person does, and the stored record as a line of JSON. */

import { appendFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { expect } from '@playwright/test';
import { NETWORKS, type NetworkId } from '../src/domain/network';
import type { RunRecord } from '../src/domain/run';
import { type NetworkName, type TrainingSettings, test } from './helpers/studio';

interface Task {
  run: { network: NetworkId; inputSize: number; batch: number; epochs: number; seed: number; weights: 'random' };
  data: string;
  device: string;
  out: string;
  commit: string;
}

const DAY_MS = 24 * 3_600_000;
/** Their switch is on the screen with them alone; the others always start from random weights. */
const TRANSFERRED: NetworkId[] = ['vgg16', 'inceptionv3'];

test('a run from random weights', async ({ studio }) => {
  const task: Task = JSON.parse(process.env.THORAX_TRAINING ?? 'null');
  if (!task) throw new Error('Start this through e2e/measure-training.mjs.');
  const { run, device } = task;
  await studio.open(`?device=${device}`);
  await studio.dropFolder(task.data);
  await expect(studio.summary).toBeVisible({ timeout: 60_000 });
  const settings: TrainingSettings = {
    networks: [NETWORKS[run.network].name as NetworkName],
    epochs: String(run.epochs),
    batchSize: String(run.batch),
    inputSize: String(run.inputSize),
    seed: String(run.seed),
    ...(TRANSFERRED.includes(run.network) ? { randomWeights: true } : {}),
  };
  const [record] = await studio.trainToTheEnd(settings, DAY_MS);
  expect(record.failure).toBeNull();
  expect(record.status).toBe('finished');
  expect(record.weightsOrigin).toBe('random');
  const { recipe } = record;
  const trained = [recipe.network, recipe.inputSize, recipe.batchSize, recipe.epochs, recipe.seed];
  expect(trained).toEqual([run.network, run.inputSize, run.batch, run.epochs, run.seed]);
  const line = { trainedBy: 'thorax', ...run, ...resultOf(record) };
  const facts = { device: record.gpu, processor: cpus()[0]?.model.trim(), commit: task.commit };
  appendFileSync(task.out, `${JSON.stringify({ ...line, ...facts, date: new Date().toISOString() })}\n`);
});

/** In the words of reference/train_keras.py. */
function resultOf({ epochs, test: { last, best }, bestEpoch, timeMs, peakGpuBytes, dataset }: RunRecord) {
  return {
    counts: dataset.counts,
    testAccuracy: last?.accuracy,
    bestTestAccuracy: best?.accuracy,
    bestEpoch,
    seconds: Math.round(timeMs / 100) / 10,
    peakBytes: peakGpuBytes,
    epochLogs: epochs.map(({ epoch, loss, accuracy, validationLoss, validationAccuracy, timeMs: epochMs, gflops }) => {
      return { epoch, loss, accuracy, validationLoss, validationAccuracy, seconds: epochMs / 1000, gflops };
    }),
  };
}
