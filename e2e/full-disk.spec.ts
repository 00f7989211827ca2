/** @file A disk that is full during a training: the run goes on, and what it says of its weights is true. */

import type { Page } from '@playwright/test';
import { makeSplitFolders } from './helpers/folders';
import { readRuns } from './helpers/records';
import { expect, test } from './helpers/studio';

const EPOCHS = 40;

test('a full disk ends no run: the last good checkpoint stays, and continued it keeps its last weights', {
  tag: '@long',
}, async ({ studio }) => {
  test.setTimeout(5 * 60_000);
  const { page } = studio;
  await studio.open('?device=processor');
  await studio.dropFolder(makeSplitFolders('full', ['A', 'B'], { train: 8, validation: 2, test: 2 }));
  await studio.prepare({ networks: ['Baseline'], epochs: `${EPOCHS}`, batchSize: '4', inputSize: '96' });
  await studio.train.click();
  await expect.poll(async () => (await readRuns(page))[0]?.epochs.length ?? 0, { timeout: 90_000 }).toBeGreaterThan(1);
  await studio.pause.click();
  await expect(studio.resume).toBeVisible();

  // Less than is stored already: whatever is given up, no checkpoint fits.
  await grant(page, -1);
  await studio.resume.click();
  const alert = page.getByRole('alert').filter({ hasText: 'Checkpoint not stored' });
  await expect(alert).toContainText(
    /the disk.* is full\. .*The run goes on\. Its last checkpoint, after epoch \d+, stays\./,
    { timeout: 60_000 },
  );
  // Records fit again, weights still do not.
  await studio.pause.click();
  await expect(studio.resume).toBeVisible();
  await grant(page, 200 * 2 ** 10);
  await studio.resume.click();
  await expect.poll(async () => (await readRuns(page))[0]?.status, { timeout: 120_000 }).toBe('finished');
  const [full] = await readRuns(page);
  expect(full.epochs).toHaveLength(EPOCHS);
  expect(full.test.last?.count).toBe(4);
  expect(full.lastKept).toBeNull();
  expect(full.unkeptEpochs?.at(-1)).toBe(EPOCHS);
  const row = (await studio.comparisonRows()).first();
  await expect(row).toContainText(/The weights of epochs \d.* to 40 could not be stored\./);

  // With space again, it goes on from that checkpoint to the same end.
  await grant(page, null);
  await row.getByRole('button', { name: 'Continue run' }).click();
  await expect
    .poll(async () => (await readRuns(page))[0]?.lastKept ?? null, { timeout: 120_000 })
    .toEqual({ epoch: EPOCHS, step: 0 });
  await expect.poll(async () => (await readRuns(page))[0]?.status, { timeout: 60_000 }).toBe('finished');
  const [continued] = await readRuns(page);
  const curve = ({ epochs }: typeof full) => epochs.map(({ loss, validationLoss }) => [loss, validationLoss]);
  expect(curve(continued)).toEqual(curve(full));
  expect(continued.test.last).toEqual(full.test.last);
  expect(continued.unkeptEpochs).toBeUndefined();
});

/** Lets the browser grant the page so many bytes more than it uses; null as it was. */
async function grant(page: Page, moreBytes: number | null): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  const usage = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const quotaSize = moreBytes === null ? undefined : usage + moreBytes;
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
}
