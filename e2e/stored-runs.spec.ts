/** @file Nothing that is stored vanishes: databases of older versions, unreadable records, several tabs, leftovers. */

import { readFileSync } from 'node:fs';
import { test as base, type Page } from '@playwright/test';
import { DIVERGED_EPOCH, testRecord } from '../src/domain/run-test-kit';
import { makeSplitFolders } from './helpers/folders';
import { listFiles, makeFiles } from './helpers/opfs';
import { readPredictions, readRuns } from './helpers/records';
import { expect, Studio, test } from './helpers/studio';

const CLASS_NAMES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
const SMALL = { networks: ['Baseline' as const], batchSize: '4', inputSize: '16', seed: '1' };

const PREDICTIONS = [
  { path: 'a.png', classIndex: 0, probabilities: [0.75, 0.25] },
  { path: 'b.png', classIndex: 1, probabilities: [0.75, 0.25] },
];

/** As version 1 stored it: predictions inside, and a validation that was not a number. */
const DIVERGED = {
  ...testRecord({ id: 'diverged', weightsOrigin: 'file', sourceFile: 'diverged.h5' }),
  schemaVersion: 1,
  epochs: [DIVERGED_EPOCH],
  test: { last: { accuracy: 0.5, loss: Number.NaN, predictions: PREDICTIONS }, best: null },
};
const DAMAGED = { id: 'damaged', recipe: { network: 'vgg16' }, loss: Number.POSITIVE_INFINITY };

/** Makes the database as version 1 of the program did. The page must be of the studio's origin, and not the studio. */
async function makeVersion1(page: Page, records: unknown[]): Promise<void> {
  await page.evaluate(async (values) => {
    const request = indexedDB.open('thorax', 1);
    request.onupgradeneeded = () => {
      const runs = request.result.createObjectStore('runs', { keyPath: 'id' });
      for (const value of values) runs.put(value);
      request.result.createObjectStore('folders');
    };
    await new Promise((resolve, reject) => {
      request.onsuccess = resolve;
      request.onerror = () => reject(request.error);
    });
    request.result.close();
  }, records);
}

base(
  'a database of version 1 with NaN in a record: nothing vanishes, and what is unreadable can be saved and deleted',
  async ({ page }) => {
    await page.goto('/thorax.svg');
    await makeVersion1(page, [DIVERGED, DAMAGED]);
    await makeFiles(page, { 'runs/deleted/weights-1.bin': 2 ** 20, 'runs/diverged/weights-2.bin.part': 2 ** 20 });

    const studio = new Studio(page);
    await studio.open();
    const notice = page.getByRole('alert').filter({ hasText: 'Removed 2 leftovers of interrupted work, 2.0 MB.' });
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    await expect(notice).toHaveCount(0);
    expect(await listFiles(page, 'runs')).toEqual([]);

    const rows = await studio.comparisonRows();
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('diverged.h5');
    await expect(rows).toContainText('0.500 (1/2)');
    expect((await readPredictions(page, { id: 'diverged' })).last).toEqual(PREDICTIONS);

    const unreadable = page.getByRole('list', { name: 'Runs that cannot be read' }).getByRole('listitem');
    await expect(unreadable).toHaveCount(1);
    await expect(unreadable).toContainText(/vgg16.*is damaged/);
    const download = page.waitForEvent('download');
    await unreadable.getByRole('button', { name: 'Save as JSON' }).click();
    const saved = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
    expect(saved).toEqual({ record: { ...DAMAGED, loss: 'Infinity' }, predictions: [] });
    await unreadable.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(unreadable).toHaveCount(0);

    await page.reload();
    await expect(await studio.comparisonRows()).toHaveCount(1);
    await expect(unreadable).toHaveCount(0);
    expect(studio.consoleErrors).toEqual([]);
  },
);

test('an export lasts while its tab is open, whatever other tabs start, and is removed after it', {
  tag: '@long',
}, async ({ studio, context }) => {
  const { page } = studio;
  await studio.dropFolder(makeSplitFolders('exports', CLASS_NAMES, { train: 4, validation: 2, test: 2 }));
  await studio.trainToTheEnd({ ...SMALL, epochs: '1' }, 60_000);
  await (await studio.comparisonRows()).getByRole('button', { name: /^Export/ }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Keras .h5, last weights' }).click();
  await download;
  const [exported] = await listFiles(page, 'exports');
  expect(exported).toContain('baseline-last.h5');

  // Once that file is removed, the second tab's sweep is over.
  await makeFiles(page, { 'exports/closed-tab/old.h5': 1 });
  const second = new Studio(await context.newPage());
  await second.open();
  await expect.poll(() => listFiles(second.page, 'exports')).toEqual([exported]);

  await page.close();
  await second.page.reload();
  await expect.poll(() => listFiles(second.page, 'exports')).toEqual([]);
  expect(second.consoleErrors).toEqual([]);
});

test('a run goes on when another tab updates the database, and says that its record is not stored', {
  tag: '@long',
}, async ({ studio, context }) => {
  const { page } = studio;
  await studio.dropFolder(makeSplitFolders('updated', CLASS_NAMES, { train: 4, validation: 2, test: 2 }));
  await studio.prepare({ ...SMALL, epochs: '30' });
  await studio.train.click();
  await expect.poll(async () => (await readRuns(page))[0]?.epochs.length ?? 0, { timeout: 60_000 }).toBeGreaterThan(0);

  const newer = await context.newPage();
  await newer.goto('/thorax.svg');
  await newer.evaluate(async () => {
    const request = indexedDB.open('thorax', 99);
    await new Promise((resolve, reject) => {
      request.onsuccess = resolve;
      request.onerror = () => reject(request.error);
    });
    request.result.close();
  });
  await expect(page.getByRole('alert').filter({ hasText: 'Not stored' })).toContainText('updated in another tab');
  const row = await studio.comparisonRows();
  await expect(row).toContainText('finished', { timeout: 60_000 });
  await studio.goTo('Train');
  await expect(page.getByRole('alert').filter({ hasText: 'Not stored' })).toContainText('until this page is closed');
});
