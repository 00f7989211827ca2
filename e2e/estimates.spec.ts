/** @file The numbers of a training: estimated before it starts, measured while it runs, and refused when it cannot fit. */

import type { Locator } from '@playwright/test';
import { readRuns } from './helpers/records';
import { expect, type Studio, test } from './helpers/studio';

const MEGABYTES = /^[\d,.]+ MB$/;

test('memory and time are estimated before training and measured during it', async ({ studio }) => {
  const { page } = studio;
  await studio.openSample();
  await expect(studio.summary).toBeVisible({ timeout: 90_000 });
  await studio.prepare({ networks: ['Baseline'], epochs: '2', batchSize: '32', inputSize: '32' });
  const line = page.getByText(/^About .* of (GPU )?memory/);
  // The other networks' own least sizes are 32 and 75 px: InceptionV3 has no estimate here.
  await expect(line).toHaveCount(3, { timeout: 30_000 });
  const [guessedBytes, guessedMs] = await estimateOf(studio, 'Baseline');
  await expect(line.first()).toContainText('a first guess');
  expect(guessedBytes).toBeGreaterThan(0);
  expect(guessedMs).toBeGreaterThan(0);

  await studio.setField('Batch size', '64');
  await expect.poll(async () => (await estimateOf(studio, 'Baseline'))[0]).toBeGreaterThan(guessedBytes);
  await studio.setField('Batch size', '32');

  await studio.train.click();
  await expect.poll(() => figure(page.getByText('GFLOP/s', { exact: true }).first())).toMatch(/^\d[\d,.]*$/);
  expect(await figure(page.getByText(/^(GPU memory|Memory)$/).first())).toMatch(MEGABYTES);
  expect(await figure(page.getByText('Peak memory', { exact: true }))).toMatch(MEGABYTES);

  const [run] = await studio.waitForRuns(0, 1, 3 * 60_000);
  expect(run.status).toBe('finished');
  expect(run.peakGpuBytes).toBeGreaterThan(guessedBytes / 2);
  for (const log of run.epochs) {
    expect(log.gflops).toBeGreaterThan(0);
    expect(log.gpuBytes).toBeLessThanOrEqual(run.peakGpuBytes ?? 0);
  }
  // From now on the estimate is what was measured.
  await expect(line.first()).not.toContainText('a first guess');
  const [, measuredMs] = await estimateOf(studio, 'Baseline');
  expect(measuredMs / run.epochs[1].timeMs).toBeGreaterThan(0.9);
  expect(measuredMs / run.epochs[1].timeMs).toBeLessThan(1.1);
});

test('what no device can hold is said on the card and in the queue, with the largest batch that fits', {
  tag: '@long',
}, async ({ studio }) => {
  const { page } = studio;
  await studio.openSample();
  await expect(studio.summary).toBeVisible({ timeout: 90_000 });
  // A feature map of 339 x 1022 x 1022 x 11 numbers: 15.6 GB in one buffer.
  await studio.prepare({ networks: ['Baseline'], batchSize: '339', inputSize: '1024' });
  const sentence = /^Baseline at 1024 px with Batch size 339 needs .* The largest Batch size that fits is \d+\.$/;
  await expect(page.getByText(sentence)).toHaveCount(1, { timeout: 30_000 });
  await studio.train.click();
  const queue = page.getByRole('list', { name: 'Queue', exact: true });
  const refusal = /^Could not be started: Baseline at 1024 px .* The largest Batch size that fits is \d+\.$/;
  await expect(queue.getByText(refusal)).toBeVisible({ timeout: 60_000 });
  expect(await readRuns(page)).toEqual([]);
});

/** Bytes, and milliseconds per epoch, as a network's card shows them. */
async function estimateOf({ page }: Studio, network: string): Promise<[number, number]> {
  const box = page.getByRole('checkbox', { name: network, exact: true });
  const ids = (await box.getAttribute('aria-describedby'))?.split(' ') ?? [];
  const text = await page.locator(`[id="${ids[1]}"]`).innerText();
  const [, memory, memoryUnit, time, timeUnit] =
    /^About ([\d.]+) (MB|GB) of (?:GPU )?memory · ([\d.]+) (s|min|h)/.exec(text) ?? [];
  const unitMs = { s: 1000, min: 60_000, h: 3_600_000 }[timeUnit as 's' | 'min' | 'h'];
  return [Number(memory) * (memoryUnit === 'GB' ? 2 ** 30 : 2 ** 20), Number(time) * unitMs];
}

/** The live figure under this label. */
async function figure(label: Locator): Promise<string> {
  return await label.locator('xpath=following-sibling::*[1]').innerText();
}
