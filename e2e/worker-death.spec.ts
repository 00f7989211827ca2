/** @file A worker that dies: the person is informed, a new one takes its place, and nothing stored is lost. */

import type { Page } from '@playwright/test';
import { makeTwentyFour } from './helpers/folders';
import { expect, test } from './helpers/studio';

test('each of the two workers is started again when it dies', { tag: '@long' }, async ({ studio }) => {
  test.setTimeout(240_000);
  const { page } = studio;
  const folder = makeTwentyFour();
  await studio.dropFolder(folder);
  const settings = { networks: ['Baseline' as const], epochs: '1', batchSize: '8', inputSize: '32' };
  await studio.trainToTheEnd(settings, 120_000);

  await studio.prepare({ ...settings, epochs: '500' });
  await studio.train.click();
  await expect(studio.pause).toBeEnabled({ timeout: 60_000 });
  await endWorker(page, 'studio-worker');
  await studio.expectSentence(/trains and explains stopped working and was started again/);
  // Its run goes on by itself (resume.spec.ts).
  await expect((await studio.comparisonRows()).filter({ hasText: 'running' })).toHaveCount(1, { timeout: 60_000 });
  await studio.goTo('Train');
  await studio.stop.click();
  await expect(studio.stop).toBeDisabled({ timeout: 60_000 });

  await endWorker(page, 'dataset-worker');
  await studio.expectSentence(/reads images stopped working and was started again\. Open the folder again\./);
  await studio.dropFolder(folder);
  await expect(studio.summary).toContainText('COVID', { timeout: 30_000 });
  const [again] = await studio.trainToTheEnd(settings, 120_000);
  expect(again.status).toBe('finished');
});

/** Ends a worker as a crash would: without a word to the page. */
async function endWorker(page: Page, name: string): Promise<void> {
  const worker = page.workers().find((candidate) => candidate.url().includes(name));
  await worker?.evaluate(() => self.close());
}
